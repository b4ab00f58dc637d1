"""Every search parameter, by every modifier and prefix it has, finds what looking at all finds."""

import asyncio
import os
from datetime import UTC, datetime

import pytest

from gateway.fhir import published
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.searchparams import search_params
from gateway.fhir.structures import structure
from gateway.fhir.tables import read
from gateway.interactions.names import served
from gateway.interactions.prepare import Change, Seen, prepare, to_write
from gateway.store.records import Batch
from tests.gateway.interactions import every, slow_search
from tests.gateway.interactions.consortium import ZONE, Consortium, encoded

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OWN_VALUES = {"_id", "_lastUpdated", "_text", "_content", "near"}
# The audit is a view besides the stored ones: what it holds changes with every search.
TYPES = [one for one in RESOURCE_TYPES if one != "AuditEvent"]
GROUPS = 12
"""Types are asked in so many turns, so that a turn can fail by itself."""


def of_type(type_):
    return [
        one
        for one in search_params(type_).values()
        if one in served(search_params(type_)) and one.code not in OWN_VALUES and one.expression
    ]


def learn_choices():
    """Tell the evaluator which elements come in several types: by the definitions, once."""
    if slow_search.CHOICES:
        return
    for type_ in (*RESOURCE_TYPES, "datatypes"):
        for row in read(f"elements/{type_}"):
            name = row["path"].rpartition(".")[2]
            if name.endswith("[x]"):
                slow_search.CHOICES.add(name.removesuffix("[x]"))
                kinds = row["types"].split()
                slow_search.TYPES.update(kind[0].lower() + kind[1:] for kind in kinds)
    assert "value" in slow_search.CHOICES
    assert structure("Observation")["valueQuantity"].choice


@pytest.fixture(scope="module")
def filled(schema_copy):
    learn_choices()
    loop = asyncio.new_event_loop()
    house = Consortium(schema_copy)
    loop.run_until_complete(house.open())
    everything = {type_: _made(type_) for type_ in TYPES}
    vocabulary = [every.code_system(), *every.value_sets()]

    async def fill():
        writes = []
        for one in [*vocabulary, *(one for many in everything.values() for one in many)]:
            seen = Seen(dict(one), [], encoded(one))
            change = Change(one["resourceType"], one["id"], seen.body, seen=seen)
            writes.append(to_write(prepare(house.door, change, (1, "A")), "create", 0))
        for start in range(0, len(writes), 500):
            batch = Batch(ticket=os.urandom(16), writes=writes[start : start + 500])
            await house.store.submit(batch)

    loop.run_until_complete(fill())
    house.clock.ahead = round(NOW.timestamp() * 1e6) - house.clock()
    yield house, loop, everything
    loop.run_until_complete(house.close())
    loop.close()


def _made(type_):
    return [
        {"resourceType": type_, "id": f"g{number}", **one}
        for number, (_, one) in enumerate(every.resources(of_type(type_)))
    ]


def right(param, everything, modifier, text):
    """The ids that the slow evaluator finds."""
    more = {"zone": ZONE, "now": NOW}
    if modifier in {"in", "not-in", "above", "below"} and param.kind == "token":
        more[modifier, text] = every.listed(modifier, text)
    found = set()
    for one in everything[param.base]:
        values = slow_search.select(one, param.expression)
        if param.kind == "reference":
            values = [value for value in values if _may_lead(param, value[0])]
        match = slow_search.matches(param.kind, values, _plain(modifier), text, more)
        if match != (modifier in {"not", "not-in"}):
            found.add(one["id"])
    return found


def _plain(modifier):
    return "" if modifier == "not" else modifier


def _may_lead(param, value):
    """Whether a literal names a type that the parameter may lead to, or none at all."""
    literal = value.get("reference", "") if isinstance(value, dict) else value
    type_, slash, _ = literal.removeprefix("http://hutong.test/fhir/").partition("/")
    return not slash or type_ not in RESOURCE_TYPES or type_ in param.targets


async def found_by(house, param, modifier, text):
    name = f"{param.code}:{modifier}" if modifier else param.code
    # R4's own definitions are the consortium's.
    owned = "&_campus=A" if param.base in published.TYPES else ""
    page = await house.search("A", f"{param.base}?{name}={text}&_count=1000{owned}")
    assert not page.next
    ids = [one.id for one in page.matches]
    assert len(set(ids)) == len(ids)
    return {one for one in ids if one.startswith("g")}


@pytest.mark.parametrize("turn", range(GROUPS))
def test_every_parameter_finds_what_looking_at_all_finds(filled, turn):
    house, loop, everything = filled
    wrong, asked, hits = {}, 0, 0
    for number, type_ in enumerate(TYPES):
        if number % GROUPS != turn:
            continue
        for place, param in enumerate(of_type(type_)):
            if param.kind == "composite":
                continue
            for modifier, text in every.queries(param, number + place):
                expected = right(param, everything, modifier, text)
                found = loop.run_until_complete(found_by(house, param, modifier, text))
                asked += 1
                hits += bool(expected)
                if found != expected:
                    wrong[f"{type_}?{param.code}:{modifier}={text}"] = (
                        sorted(found - expected),
                        sorted(expected - found),
                    )
    assert wrong == {}
    assert hits > asked / 5


@pytest.mark.parametrize("missing", ["true", "false"])
def test_every_parameter_tells_whether_it_has_a_value(filled, missing):
    house, loop, everything = filled
    wrong = {}
    for type_ in TYPES:
        for param in of_type(type_):
            if param.kind == "composite":
                continue
            has = {
                one["id"]
                for one in everything[type_]
                if [value for value in slow_search.select(one, param.expression) if value[0] != {}]
            }
            expected = {one["id"] for one in everything[type_]} - has if missing == "true" else has
            found = loop.run_until_complete(found_by(house, param, "missing", missing))
            if found != expected:
                wrong[f"{type_}?{param.code}"] = (
                    sorted(found - expected),
                    sorted(expected - found),
                    param.expression,
                )
    assert wrong == {}


TOGETHER = {
    "token": ["leaf", f"{every.S}|leaf", f"{every.OTHER}|mid", "mid"],
    "quantity": ["5.4", f"5.4|{slow_search.UCUM}|mg/dL", f"le60|{slow_search.UCUM}|mg/L", "gt1"],
    "reference": ["DocumentReference/leaf", "leaf", "Patient/leaf"],
    "number": ["5", "gt50", "100"],
    "date": ["2026-11-22", "ge2026"],
    "string": ["leaf", "Ｍüller"],
}


def composite_right(param, everything, parts):
    params = search_params(param.base)
    found = set()
    for one in everything[param.base]:
        for path in param.expression.split("|"):
            for group, _ in slow_search.select({param.base: one}, f"X.{path.strip()}"):
                # Over the whole resource the parts are parameters of their own.
                whole = path.strip() == param.base
                if all(
                    _part(params[code], "" if whole else text, group, one, wanted)
                    for (code, text), wanted in zip(param.components, parts, strict=True)
                ):
                    found.add(one["id"])
    return found


def _part(param, text, group, resource, wanted):
    root = resource if not text or text.startswith("%resource.") else group
    relative = [f"X.{one.strip().removeprefix('%resource.')}" for one in text.split("|")]
    paths = relative if text else [param.expression.partition(" | Observation.component")[0]]
    values = [value for path in paths for value in slow_search.select(root, path)]
    if param.kind == "reference":
        values = [value for value in values if _may_lead(param, value[0])]
    return slow_search.matches(param.kind, values, "", wanted, {"zone": ZONE, "now": NOW})


def test_every_composite_matches_what_stands_together(filled):
    house, loop, everything = filled
    wrong, hits, asked = {}, 0, 0
    for type_ in TYPES:
        params = search_params(type_)
        for param in of_type(type_):
            if param.kind != "composite":
                continue
            kinds = [params[code].kind for code, _ in param.components]
            for first in TOGETHER[kinds[0]]:
                for place, second in enumerate(TOGETHER[kinds[1]]):
                    parts = [first, second]
                    if len(kinds) > 2:
                        parts.append(TOGETHER[kinds[2]][place])
                    expected = composite_right(param, everything, parts)
                    text = "$".join(parts)
                    found = loop.run_until_complete(found_by(house, param, "", text))
                    asked, hits = asked + 1, hits + bool(expected)
                    if found != expected:
                        wrong[f"{type_}?{param.code}={text}"] = (
                            sorted(found - expected),
                            sorted(expected - found),
                        )
    assert wrong == {}
    assert hits > asked / 8
