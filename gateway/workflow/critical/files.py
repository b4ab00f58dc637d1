"""Files that hold a table of critical values: a workbook (xlsx) or FHIR JSON.

The sheets are `values` and `settings`. In FHIR a row is an ObservationDefinition whose
qualifiedInterval of category `critical` holds the limit, the settings are a Parameters; what R4
has no element for is the extension `urn:hutong:ext:critical-row`.
https://hl7.org/fhir/R4/observationdefinition.html
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from gateway.fhir.codec import decode, decode_exact, encode
from gateway.fhir.validation import check
from gateway.sheets import Fault, Table, refuse, workbook
from gateway.sheets.table import Row as Line
from gateway.sheets.workbook import Sheet
from gateway.workflow.critical.cells import SETTINGS, rows_of, settings_of
from gateway.workflow.critical.model import AGE, Body, Row, Setting
from gateway.workflow.critical.model import limit as limit_of
from gateway.workflow.critical.value import plain
from mappers.base import Resource
from mappers.names import ANALYTE_GROUP, CRITICAL, EXT_CRITICAL_ROW, EXT_EXCLUSIVE, LOINC, UCUM

ZIP: Final = b"PK\x03\x04"
VALUES, SETTINGS_SHEET = "values", "settings"
TITLES: Final = {
    "group": "分组", "name": "名称", "category": "类别", "codes": "编码", "names": "别名",
    "low": "低限", "high": "高限", "unit": "单位", "values": "危急结果", "sex": "性别",
    "age_from": "年龄起", "age_to": "年龄止", "source": "依据", "note": "备注", "approved": "批准",
    "ward": "就诊类别", "notify": "通知", "acknowledge": "确认时限", "steps": "上报",
    "told": "通知对象", "repeat": "重复", "disposition": "处理意见",
    "disposition_within": "处理时限", "late_after": "迟到", "old_after": "历史",
}  # fmt: skip
COLUMNS: Final = tuple(name for name in Row.__struct_fields__ if name != "number")
SHEETS: Final = {VALUES: COLUMNS, SETTINGS_SHEET: tuple(SETTINGS)}
TOLD: Final = ("names", "values", "source", "note", "approved")
"""What stands in the extension of a row."""
AGES: Final = {"d": "d", "m": "mo", "y": "a"}


def read(body: bytes) -> Body:
    """Return the table in a file; SheetError with every fault, nothing is half read."""
    tables = workbook.read(body) if body.startswith(ZIP) else _of_json(body)
    faults = [
        Fault(name, 0, "", "The sheets are values and settings.")
        for name in tables
        if name not in SHEETS
    ]
    faults += [
        Fault(name, 0, one, "There is no such column.")
        for name, columns in SHEETS.items()
        if name in tables
        for one in tables[name].columns
        if one and one not in columns
    ]
    none = Table("", ())
    rows = rows_of(list(tables.get(VALUES, none).rows), faults)
    settings = settings_of(list(tables.get(SETTINGS_SHEET, none).rows), faults)
    if not rows and not settings and not faults:
        faults.append(Fault(VALUES, 0, "", "There is no row."))
    refuse(faults)
    return Body(rows, settings)


def to_workbook(body: Body) -> bytes:
    """Return a workbook that is read again as it is."""
    settings = body.settings or (Setting(),)
    return workbook.write(
        [
            Sheet(VALUES, _headings(COLUMNS), [_cells(one, COLUMNS) for one in body.rows]),
            Sheet(SETTINGS_SHEET, _headings(SETTINGS), [_cells(one, SETTINGS) for one in settings]),
        ]
    )


def to_json(body: Body) -> bytes:
    """Return a Bundle that is read again as it is."""
    resources = [*map(_definition, body.rows), *map(_parameters, body.settings)]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }
    return msgspec.json.format(encode(bundle))


WRITERS: Final[dict[str, Callable[[Body], bytes]]] = {".xlsx": to_workbook, ".json": to_json}


def _headings(columns: Iterable[str]) -> list[str]:
    return [f"{TITLES[one]} {one}" for one in columns]


def _cells(one: Row | Setting, columns: Iterable[str]) -> list[str]:
    return [_cell(getattr(one, name)) for name in columns]


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return ";".join(map(_cell, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


# FHIR.


def _definition(row: Row) -> Resource:
    codings = [
        {"system": LOINC, "code": one}
        if "|" not in one
        else dict(zip(("system", "code"), one.rpartition("|")[::2], strict=True))
        for one in row.codes
    ]
    code: Resource = {"text": row.name or row.group}
    if codings:
        code["coding"] = codings
    told = [
        {"url": name, "valueString": text}
        for name in TOLD
        for text in _several(getattr(row, name))
        if text
    ]
    found: Resource = {
        "resourceType": "ObservationDefinition",
        "extension": [{"url": EXT_CRITICAL_ROW, "extension": told}],
        "category": [
            {"coding": [{"system": ANALYTE_GROUP, "code": row.group}]},
            {"coding": [{"system": CRITICAL, "code": row.category}]},
        ],
        "code": code,
    }
    if row.unit:
        unit = {"coding": [{"system": UCUM, "code": row.unit}]}
        found["quantitativeDetails"] = {"unit": unit}
    found["qualifiedInterval"] = [
        {**_whom(row), **_interval(text, name)} for name, text in (("<", row.low), (">", row.high))
    ]
    return found


def _several(value: str | tuple[str, ...]) -> Sequence[str]:
    return value if isinstance(value, tuple) else (value,)


def _whom(row: Row) -> Resource:
    found: Resource = {"category": "critical"}
    if row.sex:
        found["gender"] = row.sex
    ages = {"low": row.age_from, "high": row.age_to}
    if age := {name: _age(text) for name, text in ages.items() if text}:
        found["age"] = age
    return found


def _age(text: str) -> Resource:
    match = AGE.fullmatch(text)
    assert match is not None  # noqa: S101 - tables are checked when they come in
    return {"value": int(match[1]), "system": UCUM, "code": AGES[match[2]]}


def _interval(text: str, direction: str) -> Resource:
    """Return the values that are critical: those up to a lower limit, or from an upper one."""
    found = limit_of(text, direction) if text else None
    if found is None:
        return {}
    end: Resource = {"value": msgspec.Raw(str(found.value))}
    if not found.inclusive:
        end["extension"] = [{"url": EXT_EXCLUSIVE, "valueBoolean": True}]
    return {"range": {"high" if direction == "<" else "low": end}}


def _parameters(setting: Setting) -> Resource:
    parts = {name: _cell(getattr(setting, name)) for name in SETTINGS}
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, "valueString": text} for name, text in parts.items() if text],
    }


def _of_json(body: bytes) -> dict[str, Table]:
    bundle = decode(body)
    issues = [one for one in check(bundle) if one.severity == "error"]
    faults = [Fault("Bundle", 0, one.expression, one.text) for one in issues]
    if bundle.get("resourceType") != "Bundle":
        faults = [Fault("Bundle", 0, "", "The file is a Bundle of ObservationDefinition.")]
    refuse(faults)
    entries = [one.get("resource", {}) for one in decode_exact(body).get("entry", ())]
    numbered = list(enumerate(entries, 1))
    rows, settings = [], []
    for number, resource in numbered:
        match resource.get("resourceType"):
            case "ObservationDefinition":
                rows.append(Line(VALUES, number, dict(_of_definition(resource))))
            case "Parameters":
                cells = {
                    str(one.get("name")): str(one.get("valueString", ""))
                    for one in resource.get("parameter", ())
                }
                settings.append(Line(SETTINGS_SHEET, number, cells))
            case _:
                faults.append(Fault(VALUES, number, "resourceType", "It is not expected here."))
    refuse(faults)
    return {
        VALUES: Table(VALUES, COLUMNS, tuple(rows)),
        SETTINGS_SHEET: Table(SETTINGS_SHEET, tuple(SETTINGS), tuple(settings)),
    }


def _of_definition(resource: Resource) -> Iterator[tuple[str, str]]:
    for concept in resource.get("category", ()):
        for coding in concept.get("coding", ()):
            name = {ANALYTE_GROUP: "group", CRITICAL: "category"}.get(coding.get("system"))
            if name:
                yield name, str(coding.get("code", ""))
    code = resource.get("code", {})
    yield "name", str(code.get("text", ""))
    codings = [
        one["code"] if one.get("system") == LOINC else f"{one.get('system', '')}|{one.get('code')}"
        for one in code.get("coding", ())
    ]
    yield "codes", ";".join(codings)
    units = resource.get("quantitativeDetails", {}).get("unit", {}).get("coding", ())
    yield "unit", "".join(str(one.get("code", "")) for one in units[:1])
    yield from _of_extension(resource)
    for interval in resource.get("qualifiedInterval", ()):
        yield from _of_interval(interval)


def _of_extension(resource: Resource) -> Iterator[tuple[str, str]]:
    told: dict[str, list[str]] = {}
    for extension in resource.get("extension", ()):
        if extension.get("url") == EXT_CRITICAL_ROW:
            for part in extension.get("extension", ()):
                told.setdefault(str(part["url"]), []).append(str(part.get("valueString", "")))
    for name, texts in told.items():
        yield name, ";".join(texts)


def _of_interval(interval: Resource) -> Iterator[tuple[str, str]]:
    if interval.get("category") != "critical":
        return
    for end, name, sign in (("high", "low", "<"), ("low", "high", ">")):
        if found := interval.get("range", {}).get(end):
            exclusive = any(one.get("url") == EXT_EXCLUSIVE for one in found.get("extension", ()))
            yield name, f"{sign}{'' if exclusive else '='}{plain(found.get('value', ''))}"
    if sex := interval.get("gender"):
        yield "sex", str(sex)
    units = {code: letter for letter, code in AGES.items()}
    for end, name in (("low", "age_from"), ("high", "age_to")):
        if found := interval.get("age", {}).get(end):
            yield name, f"{plain(found.get('value', ''))}{units.get(found.get('code'), '?')}"
