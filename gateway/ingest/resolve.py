"""From drafts to changes: keys to ids, merged with what is stored, linked to order and human.

DESIGN §3, "Business keys decide, ids follow", "A number never decides who", "A source Patient
belongs to its campus". Nothing is written here: what stands in the store is read, and the changes
say on which versions they were decided.
"""

from dataclasses import dataclass, field, replace

from gateway.fhir.codec import decode_exact, encode
from gateway.identity.linking import Changed, changes_for
from gateway.identity.names import name_of
from gateway.ingest.account import Account
from gateway.ingest.draft import References, stored_form
from gateway.ingest.facts import INFERRED, WITHDRAWN, draft_fact, stored_fact, tags
from gateway.ingest.identify import IDENTITY
from gateway.ingest.merging import fewer, merged, same_but_status, withdrawn
from gateway.ingest.message import Message
from gateway.ingest.orders import Answer, answer
from gateway.ingest.provenance import provenance
from gateway.ingest.reasons import QuarantineError
from gateway.ingest.reconcile import is_same
from gateway.ingest.recordings import stored_recording
from gateway.ingest.replacing import check_cycle, replaced, replacing, unknown
from gateway.ingest.standing import Standing, Standings, subject_of
from gateway.interactions.commit import Change
from gateway.interactions.door import Door
from mappers.base import Draft, Key, Mapped, OrderLink, Recording, Resource


@dataclass(slots=True)
class Plan:
    """What one message changes, and the versions that this was decided on."""

    changes: list[Change] = field(default_factory=list)
    versions: list[tuple[str, str, int]] = field(default_factory=list)
    account: Account = field(default_factory=Account)


def resolve(door: Door, message: Message, mapped: Mapped) -> Plan:
    """Return what a message changes as things stand now; QuarantineError."""
    resolver = Resolver(door, message, mapped)
    if mapped.recording is not None and resolver.find(mapped.recording):
        return resolver.delivered()
    if mapped.quarantine is not None:
        raise QuarantineError(mapped.quarantine.code, mapped.quarantine.place)
    return resolver.plan()


class Resolver:
    """One attempt at one message."""

    def __init__(self, door: Door, message: Message, mapped: Mapped) -> None:
        self.door = door
        self.message = message
        self.mapped = mapped
        self.standings = Standings(door.store, message.campus)
        self.references = References()
        self.drafts = {draft.key: draft for draft in mapped.drafts}
        self._patients: dict[str, Resource] = {}
        self._humans: list[frozenset[str]] = []
        self._answers: dict[Key, Answer] = {}
        self._dropped: set[str] = set()
        self._moved: set[str] = set()
        self._forgiven: set[Key] = set()
        self._fates: dict[str, tuple[str, str]] = {}
        self._changed: set[str] = set()
        self._updates = False
        self._known: Resource | None = None
        self._plan = Plan()

    def plan(self) -> Plan:
        """Return the changes in the order in which they depend on each other."""
        for draft in self.mapped.drafts:
            self.references.add(draft.key, self.standings.of_draft(draft).reference)
        for draft in self.mapped.drafts:
            if draft.key.type == "Patient":
                self._patient(draft)
        self._merges()
        self._identify()
        if self.mapped.recording is not None and self.find(self.mapped.recording):
            return self.delivered()
        self._prepare()
        for draft in self.mapped.drafts:
            if draft.key.type != "Patient":
                self.tell(draft)
        self._provenance()
        return self._plan

    # Recordings that came before.

    def find(self, recording: Recording) -> bool:
        """Return whether a recording is stored already."""
        key = next((draft.key for draft in self.mapped.drafts if draft.key.type == "Patient"), None)
        patient = self.standings.of(key).reference if key else ""
        self._known = stored_recording(
            self.door, recording, lambda other: bool(patient) and self.is_same(patient, other)
        )
        return self._known is not None

    def delivered(self) -> Plan:
        """Return what a further delivery of a stored recording changes: a Provenance."""
        assert self._known is not None  # noqa: S101 - asked for after it was found
        report = self._known
        references = [f"DiagnosticReport/{report['id']}", subject_of(report)]
        references += [one["reference"] for one in report.get("result", ())]
        self._plan.account.found += references
        self._plan.account.keep("same")
        id_, resource = provenance(self.message, self.mapped.provenance or {}, references, "APPEND")
        standing = self.standings.at("Provenance", id_)
        if standing.stored is None:
            change = Change("Provenance", id_, encode(resource), standing.version)
            self._plan.changes.append(change)
        return self._plan

    # Patients.

    def _patient(self, draft: Draft) -> None:
        standing = self.standings.of(draft.key)
        if standing.stored is not None:
            self._check_person(self.standings.resource(standing), draft.resource)
        body = stored_form(draft.resource, self._clock(draft), self.references)
        found = self._merged(draft, standing, body)
        if found is not None:
            self._patients[standing.reference] = found

    def _check_person(self, old: Resource, new: Resource) -> None:
        """Tell of a number that seems to be given anew; its campus alone can know."""
        names, born = (name_of(old), name_of(new)), (old.get("birthDate"), new.get("birthDate"))
        if all(names) and all(born) and names[0] != names[1] and born[0] != born[1]:
            self._plan.account.note("number-of-another-person", "Patient.identifier")

    def _merges(self) -> None:
        for merge in self.mapped.merges:
            prior, survivor = self.standings.of(merge.prior), self.standings.of(merge.survivor)
            check_cycle(survivor.reference, prior.reference, self._look)
            former = self._look(prior.reference) or unknown(merge.prior)
            after = {
                prior.reference: replaced(former, survivor.reference),
                survivor.reference: replacing(
                    self._look(survivor.reference) or unknown(merge.survivor), prior.reference
                ),
            }
            for reference, patient in after.items():
                if patient != self._look(reference):
                    self._patients[reference] = patient

    def _look(self, reference: str) -> Resource | None:
        if reference in self._patients:
            return self._patients[reference]
        standing = self.standings.at("Patient", reference.removeprefix("Patient/"))
        return self.standings.resource(standing) if standing.stored else None

    def _identify(self) -> None:
        """Write the changed Patients, and the Persons that follow from them."""
        code, changed = self.message.campus.code, []
        for reference, patient in self._patients.items():
            standing = self.standings.at("Patient", reference.removeprefix("Patient/"))
            self._write(standing, encode(patient))
            changed.append(Changed(standing.id, code, patient))
        linking = changes_for(self.door.store, self.door.directory, changed)
        for person in linking.persons:
            change = Change("Person", person.id, person.body, person.expect, IDENTITY)
            self._plan.changes.append(change)
        self._plan.versions += linking.versions
        self._humans = linking.groups

    def is_same(self, one: str, other: str) -> bool:
        """Return whether two references to Patients will certainly be about one human."""
        ids = {reference.removeprefix("Patient/") for reference in (one, other)}
        return any(ids <= human for human in self._humans) or is_same(self.door, one, other)

    # Everything else.

    def _prepare(self) -> None:
        """Find out what is to be known before the results are told."""
        for draft in self.mapped.drafts:
            standing = self.standings.of(draft.key)
            if standing.stored is None:
                continue
            old = self.standings.resource(standing)
            if draft.key.type == "Encounter":
                self._check_visit(draft, old)
            elif draft.key.type == "DiagnosticReport":
                self._check_withdrawal(draft, standing, old)
        for link in self.mapped.orders:
            self._answers[link.report] = answer(self, link)

    def _check_visit(self, draft: Draft, old: Resource) -> None:
        """A visit number that is another patient's (a newborn's mother) names no visit of this."""
        if not self.is_same(subject_of(old), self.references.of(draft.resource.get("subject"))):
            self._dropped.add(str(draft.key))
            self._plan.account.note("visit-of-another-patient", "Encounter.identifier")

    def _check_withdrawal(self, draft: Draft, standing: Standing, old: Resource) -> None:
        """What comes late for a report that was withdrawn is withdrawn too."""
        assert standing.stored is not None  # noqa: S101 - called for what is stored
        was = stored_fact(standing.stored, old)
        now = draft_fact(draft, self.message.at)
        status, version = old["status"], standing.version
        while not now.outdoes(was):
            if was.rank == WITHDRAWN:
                for result in draft.resource.get("result", ()):
                    self._fates[result["reference"]] = status, was.clock
                return
            version -= 1
            earlier = self.door.store.version(standing.type, standing.id, version)
            if earlier is None or earlier.deleted:
                return
            telling = earlier.resource()
            status, was = telling["status"], stored_fact(earlier, telling)

    def tell(self, draft: Draft) -> None:
        """Write what a draft says, as far as it changes anything."""
        standing = self.standings.of(draft.key)
        resource, old = self._said(draft), None
        if standing.stored is not None:
            old = self.standings.resource(standing)
            self._check_subject(draft, old)
        elif draft.mode == "finalise":
            raise QuarantineError(
                "nothing-to-finalise", draft.key.type, waits_for=standing.reference
            )
        resource = self._based(draft, resource, old)
        body = stored_form(resource, self._clock(draft), self.references)
        if old is None:
            self._write(standing, body)
            return
        found = self._merged(draft, standing, body)
        if found is not None:
            self._updates = True
            self._write(standing, encode(found))
        self._withdraw_results(draft, old)

    def _said(self, draft: Draft) -> Resource:
        resource = draft.resource
        if resource.get("encounter", {}).get("reference") in self._dropped:
            resource = {name: value for name, value in resource.items() if name != "encounter"}
        if fate := self._fates.get(str(draft.key)):
            resource = withdrawn(resource, *fate)
        return resource

    def _based(self, draft: Draft, resource: Resource, old: Resource | None) -> Resource:
        found = self._answers.get(draft.key)
        if found is None or not found.order or (old and old.get("basedOn") and not found.firm):
            return resource
        return {**resource, "basedOn": [{"reference": found.order}]}

    def _merged(self, draft: Draft, standing: Standing, body: bytes) -> Resource | None:
        """Return the resource as it is to stand, None where nothing changes."""
        new = decode_exact(body)
        if standing.stored is None:
            return new
        old = self.standings.resource(standing)
        was, now = stored_fact(standing.stored, old), draft_fact(draft, self.message.at)
        if draft.key.type == "Observation" and not same_but_status(old, new):
            self._moved.add(str(draft.key))
        elif draft.key.type == "DiagnosticReport":
            results = {one["reference"] for one in draft.resource.get("result", ())}
            moved = not self._moved.isdisjoint(results) or not fewer(old, was, new, now)
            now = replace(now, moved=moved)
        found = merged(old, was, new, now, draft)
        if found is None:
            self._plan.account.keep("same" if now.outdoes(was) else "older")
        return found

    def _check_subject(self, draft: Draft, old: Resource) -> None:
        """Refuse what would move a result from one patient to another."""
        if draft.key.type == "Encounter" or draft.key in self._forgiven:
            return
        was, now = subject_of(old), self.references.of(draft.resource.get("subject"))
        if not was or not now or self.is_same(was, now) or self._is_withdrawn(old):
            return
        raise QuarantineError("other-patient", f"{draft.key.type}.subject")

    def _is_withdrawn(self, old: Resource) -> bool:
        """Return whether a resource, or every result of a report, was entered in error."""
        if old.get("status") == "entered-in-error":
            return True
        results = [self.standings.at(*one["reference"].split("/")) for one in old.get("result", ())]
        return bool(results) and all(
            one.stored and self.standings.resource(one).get("status") == "entered-in-error"
            for one in results
        )

    def _withdraw_results(self, draft: Draft, old: Resource) -> None:
        """A report that is withdrawn takes the results with it that its message does not name."""
        status = draft.resource.get("status")
        if draft.key.type != "DiagnosticReport" or draft.rank != WITHDRAWN:
            return
        told = {self.references.of(one) for one in draft.resource.get("result", ())}
        for one in old.get("result", ()):
            if one["reference"] in told or not isinstance(status, str):
                continue
            standing = self.standings.at(*one["reference"].split("/"))
            if standing.stored is None:
                continue
            result = self.standings.resource(standing)
            was = stored_fact(standing.stored, result)
            if was.rank < WITHDRAWN and draft_fact(draft, self.message.at).outdoes(was):
                self._write(standing, encode(withdrawn(result, status, self._clock(draft))))

    def add(self, draft: Draft) -> Standing:
        """Take a further draft that is not the message's own; return where it stands."""
        standing = self.standings.of_draft(draft)
        told = self.drafts.get(draft.key)
        if told is not None and told.resource.get("subject") != draft.resource.get("subject"):
            raise QuarantineError("other-patient", f"{draft.key.type}.subject")
        if told is None:
            self.drafts[draft.key] = draft
            self.references.add(draft.key, standing.reference)
            self.tell(draft)
        return standing

    def subject(self, key: Key) -> str:
        """Return whom a draft of the message is about."""
        return self.references.of(self.drafts[key].resource.get("subject"))

    def forgives(self, link: OrderLink, order: Resource) -> bool:
        """Return whether an order was only inferred from a report that was withdrawn since."""
        standing = self.standings.of(link.report)
        if link.own is None or standing.stored is None or INFERRED not in tags(order):
            return False
        if not self._is_withdrawn(self.standings.resource(standing)):
            return False
        self._forgiven.add(link.own.key)
        return True

    def make(self, standing: Standing, resource: Resource) -> None:
        """Write a resource that no message tells: a Task."""
        if standing.stored is None and standing.reference not in self._changed:
            self._write(standing, encode(resource))

    def _write(self, standing: Standing, body: bytes) -> None:
        self._changed.add(standing.reference)
        self._plan.account.made.append(standing.reference)
        self._plan.changes.append(Change(standing.type, standing.id, body, standing.version))

    def _clock(self, draft: Draft) -> str:
        return draft.clock or self.message.at

    def _provenance(self) -> None:
        if not self._changed or self.mapped.provenance is None:
            return
        code = "UPDATE" if self._updates else "CREATE"
        id_, resource = provenance(
            self.message, self.mapped.provenance, self._plan.account.made, code
        )
        self._write(self.standings.at("Provenance", id_), encode(resource))
