"""What a search may say, what is refused, and what the answer tells of it."""

import pytest

from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.interactions import clauses, resolve
from tests.gateway.interactions.consortium import (
    included,
    names,
    observation,
    patient,
    person,
    three_patients,
)

NAMED = "SECRET-王-331827199003070016"


@pytest.fixture
async def filled(house):
    return await three_patients(house)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Observation?colour=red", "colour"),
        ("Observation?stattus=final", "Near: status"),
        ("Patient?birthDate=1980", "Near: birthdate"),
        ("Observation?status:exact=final", "modifier"),
        ("Observation?code:in=x", "not stored"),
        ("Observation?code:below=x", "system|code"),
        ("Observation?code:above=urn:none|x", "not stored"),
        ("Patient?identifier:of-type=x", "system|type|value"),
        ("Observation?subject:Organization=x", "modifier"),
        ("Observation?subject:below=Patient/1", "Location"),
        ("Observation?date:missing=perhaps", "true or false"),
        ("Observation?date:not=2026", "modifier"),
        ("Patient?name:phonetic=x", "modifier"),
        ("Observation?_id:text=o1", "modifier"),
        ("Observation?_lastUpdated:exact=2026", "modifier"),
        ("Observation?value-quantity=much", "takes a number"),
        ("Observation?value-quantity=5|a|b|c", "takes a quantity"),
        ("Observation?value-quantity=5.4|http://unitsofmeasure.org", "takes a quantity"),
        ("Observation?value-quantity=1e999", "takes a number"),
        ("Observation?value-quantity=" + "9" * 500, "takes a number"),
        ("Observation?code-value-quantity=x", "code$value-quantity"),
        ("Observation?code-value-quantity=x$", "code$value-quantity"),
        ("ValueSet?url:below=urn:oid:1.2", "no URN"),
        ("Patient?_query=x", "not supported"),
        ("Patient?_filter=x", "not supported"),
        ("Patient?_list=$current-allergies", "by id"),
        ("Patient?_has:Observation:performer=x", "_has"),
        ("Observation?_has:Patient:link:_id=z", "leads to no"),
        ("Observation?_has:Colour:x:y=z", "_has"),
        ("Observation?subject.colour=x", "colour"),
        ("Observation?status.name=x", "reference"),
        ("Observation?patient:Group.identifier=x", "reference"),
        ("Observation?focus._id=x", "name one"),
        ("Organization?" + "partof." * 12 + "name=x", "at most"),
        ("Observation?date=yesterday", "takes a date"),
        ("Observation?date=xx2026", "takes a date"),
        ("Observation?date=2026-02-30", "takes a date"),
        ("Observation?_lastUpdated=soon", "takes a date"),
        ("Observation?status=", "empty"),
        ("Observation?status=final,", "empty"),
        ("Observation?_id=", "empty"),
        ("Patient?name= ", "empty"),
        ("Observation?code=|", "system|code"),
        ("Observation?code=a|b|c", "system|code"),
        ("Observation?_count=-1", "whole number"),
        ("Observation?_count=many", "whole number"),
        ("Observation?_count=１", "whole number"),
        ("Observation?_sort=colour", "colour"),
        ("Observation?_sort=date:desc", "_sort"),
        ("Observation?_sort=subject.name", "_sort"),
        ("Observation?_sort=code-value-quantity", "order"),
        ("Observation?_sort=_text", "order"),
        ("Observation?_type=Patient", "_type"),
        ("Observation?_total=yes", "_total"),
        ("Observation?_summary=text", "_summary"),
        ("Observation?_linked=no", "_linked"),
        ("Observation?_include=Observation", "_include"),
        ("Observation?_include=Observation:status", "reference"),
        ("Observation?_include=Observation:colour", "colour"),
        ("Observation?_include=Colour:subject", "_include"),
        ("Observation?_include=Observation:subject:Colour", "_include"),
        ("Observation?_include:exact=Observation:subject", "modifier"),
    ],
)
async def test_what_is_not_served_is_refused_by_name(house, query, words):
    with pytest.raises(InvalidRequestError) as caught:
        await house.search("A", query)
    (issue,) = caught.value.issues
    assert words in issue.text
    assert issue.expression.startswith("http.")


@pytest.mark.parametrize(
    "query",
    [
        f"Observation?date={NAMED}",
        f"Observation?code={NAMED}|{NAMED}|{NAMED}",
        f"Observation?_count={NAMED}",
        f"Observation?_sort={NAMED}",
        f"Observation?_include={NAMED}",
        f"Observation?_page={NAMED}",
        f"Observation?_total={NAMED}",
        f"Observation?_linked={NAMED}",
        f"Observation?_summary={NAMED}",
        f"Observation?value-quantity={NAMED}",
        f"Observation?code:in={NAMED}",
        f"Patient?_lastUpdated={NAMED}",
    ],
)
async def test_no_error_holds_a_value_of_the_caller(house, query):
    with pytest.raises(InvalidRequestError) as caught:
        await house.search("A", query)
    said = " ".join(f"{issue.text} {issue.expression}" for issue in caught.value.issues)
    # A name that the caller made up may be shown as far as it is a name.
    assert "王" not in said
    if "_sort" not in query:
        assert "SECRET" not in said


async def test_lenient_leaves_out_what_is_not_known_and_says_so(filled):
    query = "Observation?colour=red&status=final&status:exact=final&_count=2"
    page = await filled.search("A", query, lenient=True)
    assert page.applied == [("status", "final"), ("_count", "2")]
    assert [note.severity for note in page.notes] == ["warning", "warning"]
    assert "colour" in page.notes[0].text
    assert len(page.matches) == 2
    strict = await filled.search("A", "Observation?status=final&_count=2")
    assert strict.applied == page.applied
    assert strict.notes == []


async def test_too_many_values_are_refused(house):
    many = ",".join(str(number) for number in range(clauses.MAX_VALUES + 1))
    for name in ("_id", "status", "subject", "date"):
        with pytest.raises(InvalidRequestError, match="more than"):
            await house.search("A", f"Observation?{name}={many}")
    most = many.rpartition(",")[0]
    for name in ("_id", "status", "subject", "patient", "identifier"):
        assert await house.ids("A", f"Observation?{name}={most}") == []


async def test_escapes_in_values_are_taken_as_they_are_meant(house):
    odd = {"system": "urn:x|y", "value": r"a,b|c\d$e"}
    await house.put("A", patient(identifier=[odd], name=[{"family": "a,b"}]))
    await house.put("A", patient("p2", identifier=[{"value": "a"}], name=[{"family": "a"}]))
    assert await house.ids("A", r"Patient?identifier=a\,b\|c\\d\$e") == ["p1"]
    assert await house.ids("A", r"Patient?identifier=urn:x\|y|a\,b\|c\\d\$e") == ["p1"]
    assert await house.ids("A", r"Patient?identifier=urn:x\|y|") == ["p1"]
    assert await house.ids("A", r"Patient?family:exact=a\,b") == ["p1"]
    assert set(await house.ids("A", r"Patient?family:exact=a\,b,a")) == {"p1", "p2"}


# _lastUpdated, _count, totals.


async def test_last_updated_is_the_moment_that_meta_tells(filled):
    moments = {}
    for id_ in ("o1", "o2", "o3", "o4"):
        stored = await filled.read("A", f"Observation/{id_}")
        moments[id_] = stored.resource()["meta"]["lastUpdated"]
    second = moments["o2"]
    for prefix, expected in {
        "": ["o2"],
        "ne": ["o4", "o3", "o1"],
        "gt": ["o4", "o3"],
        "sa": ["o4", "o3"],
        "ge": ["o4", "o3", "o2"],
        "lt": ["o1"],
        "eb": ["o1"],
        "le": ["o2", "o1"],
    }.items():
        query = f"Observation?_lastUpdated={prefix}{second}"
        assert await filled.ids("A", query) == expected, prefix
    filled.clock.ahead = 36_000_000_000  # ten hours later an hour is near
    assert len(await filled.ids("A", f"Observation?_lastUpdated=ap{second}")) == 4
    assert await filled.ids("A", "Observation?_lastUpdated=lt2020") == []
    both = f"Observation?_lastUpdated=gt{moments['o1']}&_lastUpdated=lt{moments['o4']}"
    assert await filled.ids("A", both) == ["o3", "o2"]
    either = f"Observation?_lastUpdated={moments['o1']},{moments['o4']}&patient=p1"
    assert await filled.ids("A", either) == ["o1"]


async def test_counts_and_totals(filled):
    for query in ("_count=0", "_summary=count"):
        page = await filled.search("A", f"Observation?{query}")
        assert (page.matches, page.total, page.next) == ([], 4, "")
    assert (await filled.search("A", "Observation?_count=2")).total is None
    page = await filled.search("A", "Observation?_count=2&_total=accurate")
    assert (len(page.matches), page.total) == (2, 4)
    assert (await filled.search("A", "Observation?_count=4")).total == 4
    assert (await filled.search("A", "Observation?_count=99999999999")).total == 4
    assert (await filled.search("A", "Observation?_campus=B")).total == 1
    assert set(await filled.ids("A", "Observation?_campus=B,C")) == {"o2", "o3"}
    assert (await filled.search("A", "Observation?_campus=none")).total == 0


async def test_the_plan_is_told_when_asked(filled):
    page = await filled.search("A", "Observation?patient=p1&_explain=true")
    assert "patient" in page.notes[0].text
    page = await filled.search("A", "Observation?patient.identifier=none&_explain=true")
    assert "nothing" in page.notes[0].text
    page = await filled.search("A", "Observation?_campus=none&_explain=true")
    assert "nobody" in page.notes[0].text
    assert (await filled.search("A", "Observation?patient=p1")).notes == []


# Chains, links, includes.


async def test_a_chain_leads_through_a_patients_number(filled):
    for name in ("patient", "subject", "subject:Patient", "patient:Patient"):
        query = f"Observation?{name}.identifier=urn:hutong:B:pid|2"
        assert await filled.ids("A", query) == ["o2"], name
    assert set(await filled.ids("A", "Observation?patient.identifier=1,2")) == {"o1", "o2"}
    page = await filled.search("A", "Observation?patient.identifier=none")
    assert (page.matches, page.total) == ([], 0)
    both = "Observation?patient.identifier=1&status=final&_id=o1,o2"
    assert await filled.ids("A", both) == ["o1"]


async def test_a_chain_to_many_finds_what_a_chain_to_few_does(filled, monkeypatch):
    await filled.put(filled.admin(), person("n", "p1", "p2"))
    queries = (
        "Observation?patient.identifier=urn:hutong:A:pid|",
        "Observation?patient.identifier=1,2,3",
        "Observation?patient.identifier=1,2,3&_linked=false",
        "Observation?subject._id=p1,p2,d",
        "Observation?subject:Patient.identifier=3&status=final",
        "Patient?_has:Observation:patient:status=final",
        "Patient?_has:Observation:patient:_id=o1,o2",
        "Patient?_has:Observation:subject:patient.identifier=2",
        "Device?_has:Observation:subject:status=final",
        "Device?_has:Observation:subject:status=none",
    )
    few = [sorted(names(await filled.search("C", query))) for query in queries]
    assert few[0] == ["Observation/o1", "Observation/o2"]
    assert few[5] == ["Patient/p1", "Patient/p2", "Patient/p3"]
    monkeypatch.setattr(resolve, "NAMED", 0)
    many = [sorted(names(await filled.search("C", query))) for query in queries]
    assert many == few


async def test_includes_are_whole_and_each_once(filled):
    page = await filled.search("A", "Observation?_include=Observation:subject")
    assert included(page) == {"Patient/p1", "Patient/p2", "Patient/p3", "Device/d"}
    assert len(page.includes) == 4
    page = await filled.search("A", "Observation?_include=Observation:subject:Device")
    assert included(page) == {"Device/d"}
    page = await filled.search("A", "Observation?_include=Observation:patient")
    assert included(page) == {"Patient/p1", "Patient/p2", "Patient/p3"}
    page = await filled.search("A", "Observation?_include=Observation:patient:Device")
    assert included(page) == set()
    page = await filled.search("A", "Observation?_id=o1&_include=Specimen:subject")
    assert included(page) == set()


async def test_reverse_includes_follow_the_parameter_they_name(filled):
    page = await filled.search("A", "Patient?_id=p1&_revinclude=Observation:patient")
    assert included(page) == {"Observation/o1"}
    page = await filled.search("A", "Patient?_revinclude=Observation:subject:Patient")
    assert included(page) == {"Observation/o1", "Observation/o2", "Observation/o3"}
    page = await filled.search("A", "Device?_revinclude=Observation:subject")
    assert included(page) == {"Observation/o4"}
    page = await filled.search("A", "Device?_revinclude=Observation:patient")
    assert included(page) == set()
    await filled.put("A", observation("o1", "Patient/p2"))
    await filled.delete("B", "Observation/o2")
    page = await filled.search("A", "Patient?_id=p1,p2&_revinclude=Observation:patient")
    assert included(page) == {"Observation/o1"}


async def test_a_resource_of_several_patients_is_found_by_each(house):
    account = {
        "resourceType": "Account",
        "id": "a",
        "status": "active",
        "subject": [{"reference": "Patient/p1"}, {"reference": "Patient/p2"}],
    }
    await house.put("A", account)
    for query in ("patient=p1", "patient=p2", "subject=Patient/p2", "patient=p1,p2"):
        assert await house.ids("A", f"Account?{query}") == ["a"], query


async def test_an_agent_is_no_patient_of_an_event(house):
    event = {
        "resourceType": "AuditEvent",
        "id": "e",
        "type": {"code": "rest"},
        "recorded": "2026-11-22T08:00:00Z",
        "agent": [{"who": {"reference": "Patient/agent"}, "requestor": True}],
        "source": {"observer": {"display": "x"}},
        "entity": [{"what": {"reference": "Patient/p1"}}],
    }
    await house.put("A", event)
    assert await house.ids("A", "AuditEvent?agent=Patient/agent") == ["e"]
    assert await house.ids("A", "AuditEvent?agent=Patient/p1") == []
    assert await house.ids("A", "AuditEvent?entity=Patient/agent") == []


async def test_a_search_is_in_the_audit_with_its_query(filled):
    await filled.search("C", "Observation?patient=p2")
    await filled.recorder.close()
    last = filled.trail()[-1]
    assert (last.action, last.campus, last.query) == ("E", 3, "patient=p2")
    assert [one.partition("/_history")[0] for one in last.entities] == ["Observation/o2"]


async def test_not_supported_says_so_in_its_code(house):
    with pytest.raises(NotSupportedError):
        await house.search("A", "Location?_filter=name eq x")
