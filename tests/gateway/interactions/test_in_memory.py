"""The rules of the index, in memory; what the store does by them is tested with it."""

from zoneinfo import ZoneInfo

import pytest

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.extract import extract
from gateway.fhir.searchparams import search_params
from gateway.interactions.in_memory import Candidate, answers, ordered
from gateway.store import query as q

PARAMS = search_params("ValueSet")
ROWS = extract(
    {
        "resourceType": "ValueSet",
        "url": "urn:a/b",
        "name": "Étude",
        "status": "draft",
        "date": "2020-01",
        "compose": {"include": [{"system": "urn:c"}]},
    },
    ZoneInfo("UTC"),
)


def candidate(number=1, rows=ROWS):
    return Candidate(f"v{number}", number, 0, rows, lambda: rows.texts, lambda: None)


def of(code):
    return PARAMS[code].stores


NAME, STATUS = of("name"), of("status")


@pytest.mark.parametrize(
    ("clause", "right"),
    [
        (q.Strings(NAME, (("prefix", "etu"),)), True),
        (q.Strings(NAME, (("exact", "etude"),)), False),
        (q.Strings(NAME, (("sound", "etude"),)), False),
        (q.Tokens(STATUS, ((None, "draft"),)), True),
        (q.Tokens(STATUS, (("", None),)), True),
        (q.Tokens(STATUS, (("urn:x", None),)), False),
        (q.Uris(of("url"), (("below", "urn:a"),)), True),
        (q.Uris(of("url"), (("below", "urn:a/b/c"),)), False),
        (q.Dates(of("date"), (("gt", *ROWS.dates[0][1:]),)), False),
        (q.References(of("url"), ((TYPE_IDS["Patient"], "1"),)), False),
        (q.Updated((("eq", 1, 2),)), True),
        (q.Campuses((0,)), True),
        (q.Missing((PARAMS["name"].present,), missing=False), True),
        (q.Missing((PARAMS["title"].present,), missing=True), True),
        (q.Not(q.Ids(("v2",))), True),
        (q.Either(((q.Ids(("v2",)),), (q.Ids(("v1",)),))), True),
        (q.Either(()), False),
        (q.Keys((1,)), False),
    ],
)
def test_a_clause_is_answered(clause, right):
    assert answers(candidate(), (clause,)) is right


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ((), ["v3", "v2", "v1"]),
        ((q.Sort("row"),), ["v1", "v2", "v3"]),
        ((q.Sort("id", descending=True),), ["v3", "v2", "v1"]),
        ((q.Sort("string", NAME),), ["v2", "v1", "v3"]),
        ((q.Sort("string", NAME, descending=True),), ["v2", "v1", "v3"]),
        ((q.Sort("number", NAME),), ["v3", "v2", "v1"]),
    ],
)
def test_what_has_no_value_comes_last_in_both_directions(sort, expected):
    bare = extract({"resourceType": "ValueSet", "status": "draft"}, ZoneInfo("UTC"))
    listed = [candidate(1, bare), candidate(2), candidate(3, bare)]
    found = [one.id for one in ordered(listed, sort)]
    if sort and sort[0].kind == "string":
        assert found[0] == "v2"
    else:
        assert found == expected
