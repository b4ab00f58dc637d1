// What fhir-kit-client does against a gateway: each step asserts, the first that fails ends it.
// https://github.com/Vermonster/fhir-kit-client
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { CapabilityTool, Client } from "fhir-kit-client";

const [baseUrl, bearerToken] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken });
const card = randomUUID();
const LOINC = "http://loinc.org";
const FORM = { options: { postSearch: true } };

const patient = (more = {}) => ({
  resourceType: "Patient",
  identifier: [{ system: "urn:example:card", value: card }],
  name: [{ family: "王", given: ["秀英"] }],
  ...more,
});
const observation = (subject, day) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: LOINC, code: "718-7" }] },
  subject: { reference: subject },
  effectiveDateTime: `2026-02-0${day}`,
});
const status = (answer) => Client.httpFor(answer).response.status;
const refused = (expected) => (error) => error.response.status === expected;

const steps = {
  async capabilities() {
    const told = await client.capabilityStatement();
    assert.equal(told.fhirVersion, "4.0.1");
    const tool = new CapabilityTool(told);
    assert.ok(tool.serverCan("transaction"));
    assert.ok(tool.resourceCan("Patient", "patch"));
    assert.ok(tool.resourceSearch("Patient", "identifier"));
    assert.ok(tool.supportFor({ resourceType: "Patient", capabilityType: "operation" }));
    const smart = await client.smartAuthMetadata();
    assert.equal(smart.authorizeUrl, undefined);
  },

  async interactions() {
    const made = await client.create({ resourceType: "Patient", body: patient() });
    const address = { resourceType: "Patient", id: made.id };
    assert.equal(status(made), 201);
    assert.equal((await client.read(address)).name[0].family, "王");
    const changed = await client.update({ ...address, body: { ...made, gender: "female" } });
    assert.equal(changed.meta.versionId, "2");
    const jsonPatch = [{ op: "add", path: "/birthDate", value: "1970-01-01" }];
    assert.equal((await client.patch({ ...address, jsonPatch })).birthDate, "1970-01-01");
    assert.equal((await client.vread({ ...address, version: "1" })).gender, undefined);
    assert.equal((await client.history(address)).entry.length, 3);
    assert.ok((await client.history({ resourceType: "Patient" })).entry.length >= 3);
    assert.ok((await client.history()).entry.length >= 3);
    assert.equal((await client.resolve({ reference: `Patient/${made.id}` })).id, made.id);
    assert.equal(status(await client.delete(address)), 204);
    await assert.rejects(client.read(address), refused(410));
  },

  async conditions() {
    const headers = { "If-None-Exist": `identifier=urn:example:card|${card}` };
    const create = { resourceType: "Patient", body: patient(), options: { headers } };
    const made = await client.create(create);
    const again = await client.create(create);
    assert.deepEqual([status(made), status(again), again.id], [201, 200, made.id]);
    const searchParams = { identifier: `urn:example:card|${card}` };
    const body = patient({ active: true });
    const changed = await client.update({ resourceType: "Patient", searchParams, body });
    assert.equal(changed.id, made.id);
    const stale = { headers: { "If-Match": 'W/"1"' } };
    const late = { resourceType: "Patient", id: made.id, body: changed, options: stale };
    await assert.rejects(client.update(late), refused(412));
  },

  async searches() {
    const subject = await client.create({ resourceType: "Patient", body: patient() });
    const reference = `Patient/${subject.id}`;
    for (let day = 1; day <= 5; day += 1) {
      await client.create({ resourceType: "Observation", body: observation(reference, day) });
    }
    const searchParams = { "subject:Patient._id": subject.id, _sort: "-date", _count: 2 };
    for (const how of [{}, FORM]) {
      let page = await client.search({ resourceType: "Observation", searchParams, ...how });
      const days = [];
      while (page) {
        days.push(...page.entry.map((entry) => entry.resource.effectiveDateTime.slice(-1)));
        page = await client.nextPage({ bundle: page });
      }
      assert.deepEqual(days, ["5", "4", "3", "2", "1"]);
    }
    const compartment = { resourceType: "Patient", id: subject.id };
    for (const how of [{}, FORM]) {
      const within = { resourceType: "Observation", compartment, searchParams: { code: "718-7" } };
      assert.equal((await client.search({ ...within, ...how })).total, 5);
      const everywhere = { searchParams: { _type: "Patient", _id: subject.id }, ...how };
      assert.equal((await client.search(everywhere)).entry[0].resource.id, subject.id);
    }
    const both = { subject: reference, _include: ["Observation:subject"] };
    const bundle = await client.search({ resourceType: "Observation", searchParams: both });
    assert.equal(bundle.entry.length, 6);
    const found = await client.resolve({ reference, context: bundle });
    assert.equal(found.id, subject.id);
  },

  async bundles() {
    const fullUrl = `urn:uuid:${randomUUID()}`;
    const entry = [
      { fullUrl, resource: patient(), request: { method: "POST", url: "Patient" } },
      { resource: observation(fullUrl, 1), request: { method: "POST", url: "Observation" } },
    ];
    const body = { resourceType: "Bundle", type: "transaction", entry };
    const answer = await client.transaction({ body });
    assert.deepEqual(answer.entry.map((one) => one.response.status.slice(0, 3)), ["201", "201"]);
    const url = answer.entry[0].response.location.split("/fhir/")[1].split("/_history")[0];
    const asked = [
      { request: { method: "GET", url } },
      { request: { method: "GET", url: "Patient/gone" } },
    ];
    const batch = await client.batch({ body: { ...body, type: "batch", entry: asked } });
    assert.deepEqual(batch.entry.map((one) => one.response.status.slice(0, 3)), ["200", "404"]);
  },

  async operations() {
    const subject = await client.create({ resourceType: "Patient", body: patient() });
    const at = { resourceType: "Patient", id: subject.id };
    await client.create({ resourceType: "Observation", body: observation(`Patient/${at.id}`, 1) });
    const all = await client.operation({ ...at, name: "everything", method: "GET" });
    assert.equal(all.entry.length, 2);
    const input = { resourceType: "Parameters" };
    assert.equal((await client.operation({ ...at, name: "$everything", input })).total, 2);
    const asked = { subject: `Patient/${at.id}`, code: "718-7", system: LOINC, statistic: "count" };
    const kind = { resourceType: "Observation", method: "GET" };
    const told = await client.operation({ ...kind, name: "stats", input: asked });
    assert.equal(told.parameter[0].resource.component[0].valueQuantity.value, 0);
    const newest = { patient: at.id, code: "718-7" };
    assert.equal((await client.operation({ ...kind, name: "lastn", input: newest })).total, 1);
    assert.equal((await client.operation({ name: "versions", method: "GET" })).parameter.length, 2);
  },

  async errors() {
    const unknown = { resourceType: "Patient", searchParams: { colour: "red" } };
    await assert.rejects(client.search(unknown), refused(400));
    const wrong = { resourceType: "Patient", body: patient({ gender: "unheard" }) };
    await assert.rejects(client.create(wrong), (error) => {
      assert.deepEqual(error.response.data.issue[0].expression, ["Patient.gender"]);
      return refused(400)(error);
    });
    const nobody = new Client({ baseUrl, bearerToken: "no" });
    await assert.rejects(nobody.read({ resourceType: "Patient", id: "1" }), refused(401));
  },
};

for (const [name, step] of Object.entries(steps)) {
  await step();
  console.log(name);
}
