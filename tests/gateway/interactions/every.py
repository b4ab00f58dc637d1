"""Resources for every search parameter, and what to ask of them by every prefix and modifier."""

from gateway.fhir.composites import groups
from gateway.fhir.expressions import routes
from tests.gateway.interactions.slow_search import CURRENCY, UCUM

S = "urn:test:codes"
OTHER = "urn:test:others"
TREE = {"top": ["mid", "side"], "mid": ["leaf"], "side": [], "leaf": []}
PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def _concept(code, system=S, **more):
    return {"coding": [{"system": system, "code": code}], **more}


def _quantity(value, code="mg/dL", **more):
    return {"value": value, "unit": code, "system": UCUM, "code": code, **more}


VALUES = {
    "CodeableConcept": [
        _concept("leaf", text="Leaf of a tree"),
        _concept("mid", OTHER),
        {"coding": [{"code": "mid"}, {"system": S, "code": "side", "display": "The Side"}]},
        {"text": "only words"},
    ],
    "Coding": [
        {"system": S, "code": "leaf", "display": "Leaf of a tree"},
        {"system": OTHER, "code": "mid"},
        {"code": "side"},
    ],
    "Identifier": [
        {"system": S, "value": "mid"},
        {"value": "leaf", "type": _concept("MR", text="The number")},
        {"system": OTHER, "value": "leaf", "type": _concept("MR", OTHER)},
    ],
    "ContactPoint": [
        {"system": "phone", "value": "leaf"},
        {"system": "email", "value": "m@x.test"},
    ],
    "boolean": [True, False],
    "code": ["leaf", "mid"],
    "id": ["leaf", "mid"],
    "string": ["leaf", "Ｍüller", "Leaf two", "張三"],
    "markdown": ["leaf", "Leaf two", "其他"],
    "uri": ["http://a.test/x", "http://a.test/x/y", "http://a.test/xy", "urn:oid:1.2"],
    "canonical": ["http://a.test/x|1", "http://a.test/x/y", "http://a.test"],
    "Reference": [
        {"reference": "Patient/leaf"},
        {"reference": "Group/leaf/_history/2"},
        {"reference": "http://hutong.test/fhir/Practitioner/leaf"},
        {"reference": "http://a.test/x"},
        {"reference": "DocumentReference/leaf"},
        {"display": "nobody", "identifier": {"system": S, "value": "mid"}},
    ],
    "HumanName": [
        {"family": "leaf", "given": ["Two"]},
        {"text": "Leaf Two"},
        {"family": "張", "given": ["三"]},
    ],
    "Address": [{"city": "leaf", "line": ["Leaf two"]}, {"text": "其他", "country": "CN"}],
    "date": ["2026-11-22", "2026", "2025-02"],
    "dateTime": ["2026-11-22T08:00:00+08:00", "2026-11-22", "2026", "2024-02-29T10:15:30.5Z"],
    "instant": ["2026-11-22T08:00:00+08:00", "2026-11-21T15:59:59.999Z"],
    "Period": [
        {"start": "2026-11-20", "end": "2026-11-22"},
        {"start": "2026-11-22"},
        {"end": "2026"},
    ],
    "Timing": [
        {"event": ["2026-11-20", "2026-11-22T10:00:00Z"]},
        {"repeat": {"boundsPeriod": {"start": "2026-11-22"}}},
    ],
    "decimal": [5, 5.4, 5.04, 100, 0.95],
    "integer": [5, 100, 95],
    "positiveInt": [5, 100, 95],
    "unsignedInt": [5, 100, 95],
    "Quantity": [
        _quantity(5.4),
        _quantity(0.054, "g/L"),
        _quantity(5, comparator="<"),
        _quantity(5.4, comparator=">="),
        {"value": 5.4},
        {"value": 100, "unit": "boxes", "system": S, "code": "leaf"},
    ],
    "Range": [
        {"low": _quantity(5), "high": _quantity(6)},
        {"low": _quantity(5.4)},
        {"high": _quantity(0.1, "g/L")},
    ],
    "Money": [{"value": 5.4, "currency": "CNY"}, {"value": 100, "currency": "USD"}],
    "Attachment": [{"url": "http://a.test/x"}, {"url": "http://a.test/x/y"}],
}
VALUES["Age"] = VALUES["Duration"] = VALUES["SimpleQuantity"] = [
    _quantity(1, "a"),
    _quantity(730, "d"),
    _quantity(5.4, "a"),
]
VALUES["url"] = VALUES["uri"]
VALUES["oid"] = VALUES["uuid"] = ["urn:oid:1.2"]

ASKED = {
    "token": {
        "": ["leaf", f"{S}|leaf", "|side", f"{S}|", f"{OTHER}|mid,leaf", "none", "true"],
        "not": ["leaf", f"{S}|leaf", f"{S}|,mid"],
        "text": ["leaf", "OF A", "none"],
        "of-type": [f"{S}|MR|leaf", f"{OTHER}|MR|leaf", f"{S}|MR|none"],
        "in": ["http://vs.test/some", "http://vs.test/below"],
        "not-in": ["http://vs.test/some"],
        "above": [f"{S}|leaf", f"{S}|top"],
        "below": [f"{S}|mid", f"{S}|top"],
    },
    "string": {
        "": ["leaf", "LEAF", "leaf two", "muller", "张", "two,其", "none"],
        "exact": ["leaf", "Leaf two", "張三", "張"],
        "contains": ["eaf", "two", "三", "none"],
    },
    "reference": {
        "": ["Patient/leaf", "leaf", "http://a.test/x", "Group/leaf,Patient/none", "none"],
        "identifier": [f"{S}|mid", "mid", f"{OTHER}|"],
    },
    "date": {"": ["2026-11-22", "2026", "2026-11-22T08:00:00+08:00", "2025-02", "2024-02-29"]},
    "number": {"": ["5", "5.4", "100", "1e2", "5.0"]},
    "quantity": {
        "": [
            *("5.4", f"5.4|{UCUM}|mg/dL", f"0.054|{UCUM}|g/L", "5.4||mg/dL", "5", "100||boxes"),
            *(f"100|{S}|leaf", f"5.4|{CURRENCY}|CNY", f"2|{UCUM}|a", f"5.4|{UCUM}|a", "1e2"),
        ]
    },
    "uri": {
        "": ["http://a.test/x", "http://a.test/x|1", "urn:oid:1.2", "http://a.test"],
        "below": ["http://a.test/x", "http://a.test", "http://a.test/x/"],
        "above": ["http://a.test/x/y/z", "http://a.test/x", "http://a.test/xy"],
    },
}
PREFIXED = {"date", "number", "quantity"}
ENUMERABLE = {
    "http://vs.test/some": {(S, "leaf"), (OTHER, "mid")},
    "http://vs.test/below": {(S, "mid"), (S, "leaf")},
}


def code_system():
    def concept(code):
        found = {"code": code}
        if TREE[code]:
            found["concept"] = [concept(one) for one in TREE[code]]
        return found

    return {
        "resourceType": "CodeSystem",
        "id": "tree",
        "url": S,
        "status": "active",
        "content": "complete",
        "concept": [concept("top")],
    }


def value_sets():
    some = [
        {"system": S, "concept": [{"code": "leaf"}, {"code": "top"}]},
        {"system": OTHER, "concept": [{"code": "mid"}]},
    ]
    compose = {"include": some, "exclude": [{"system": S, "concept": [{"code": "top"}]}]}
    is_a = [{"property": "concept", "op": "is-a", "value": "mid"}]
    below = {"include": [{"system": S, "filter": is_a}]}
    for id_, one in (("some", compose), ("below", below)):
        yield {
            "resourceType": "ValueSet",
            "id": id_,
            "url": f"http://vs.test/{id_}",
            "status": "active",
            "compose": one,
        }


def listed(modifier, text):
    """The codes that a value set or hierarchy means, told without reading either."""
    if modifier in {"in", "not-in"}:
        return ENUMERABLE[text]
    system, _, code = text.partition("|")
    if system != S:
        return {(system, code)}
    reach = {"top": "top mid side leaf", "mid": "mid leaf", "leaf": "leaf"}
    up = {"top": "top", "leaf": "leaf mid top"}
    return {(S, one) for one in (reach if modifier == "below" else up)[code].split()}


def resources(params):
    """One of each value at each place that a parameter looks at, by parameter; and an empty one."""
    for param in params:
        if param.kind == "composite":
            yield from ((param.code, one) for one in _composites(param))
            continue
        for way in routes(param.expression):
            for value in VALUES.get(way.type, [])[:6]:
                yield param.code, _put({}, way.steps, value)
    yield "", {}


def _put(root, steps, value):
    """Write a value where a way leads, making what lies between."""
    here = root
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        child = value if last else {}
        if step.member:
            child = {**child, step.member: step.value}
        if step.many:
            filler = [{} if isinstance(child, dict) else child] * (step.index or 0)
            here[step.key] = [*filler, child]
        else:
            here[step.key] = child
        here = child
    return root


def _composites(param):
    """Groups whose parts agree in one and disagree in another, so that only together they match."""
    paths = list(groups(param)) or [param.base]
    for path in paths:
        (group,) = routes(path) if "." in path else (None,)
        made = [_group(param, path, number) for number in range(4)]
        if group is None:
            yield from (made if param.base == "Observation" else ())
        elif group.steps[-1].many:
            for one, other in ((0, 1), (2, 3), (1, 2)):
                root = _put({}, group.steps[:-1], {}) if len(group.steps) > 1 else {}
                here = root
                for step in group.steps[:-1]:
                    here = here[step.key][0] if step.many else here[step.key]
                here[group.steps[-1].key] = [made[one], made[other]]
                yield root
        else:
            yield from (_put({}, group.steps, one) for one in made)


def _group(param, path, number):
    found = {}
    for place, (_, text) in enumerate(param.components):
        if text.startswith("%resource"):
            continue
        first = text.split("|")[0].strip()
        (way, *_) = routes(f"{path}.{first}")
        steps = way.steps[path.count(".") :]
        pool = VALUES[way.type]
        _put(found, steps, pool[(number >> place) % min(len(pool), 2)])
    return found


def queries(param, turn):
    """(modifier, text) pairs to ask of a parameter; a few of each, other ones at each turn."""
    for modifier, texts in ASKED[param.kind].items():
        for place, prefix in enumerate(PREFIXES if param.kind in PREFIXED else ("",)):
            for step in range(2):
                yield modifier, prefix + texts[(turn + place + step * 3) % len(texts)]
    if param.kind == "reference":
        for target in param.targets[:3]:
            yield target, "leaf"
