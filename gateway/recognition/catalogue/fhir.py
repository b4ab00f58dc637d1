"""The catalogue as FHIR: a Bundle of one PlanDefinition and an ActivityDefinition an item.

https://hl7.org/fhir/R4/activitydefinition.html, https://hl7.org/fhir/R4/plandefinition.html
What R4 has no element for stands in one extension. Reading goes through the rows of a workbook,
so that both ways in have the same rules; a row is the number of the entry.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote, unquote

import msgspec

from gateway.fhir.codec import decode
from gateway.recognition.catalogue.cells import write_money
from gateway.recognition.catalogue.model import Catalogue, Item
from gateway.recognition.catalogue.rows import COLUMNS, WINDOW, items_of
from gateway.recognition.catalogue.sheets import cells
from gateway.sheets import Fault, Row, Table, refuse
from mappers.names import CATALOGUE, CATALOGUE_ITEM, EXT_CATALOGUE_ITEM, LOINC, UCUM

Resource = dict[str, Any]
BUNDLE: Final = "Bundle"
NATIVE: Final = frozenset(
    {"code", "name", "name_en", "loinc", "body_site", "effective_from", "effective_to"}
)
"""Columns that R4 has an element for."""
NOTICE: Final = (
    "This material contains content from LOINC (http://loinc.org), copyright © 1995-2024,"
    " Regenstrief Institute, Inc. and the LOINC Committee, available at no cost under the license"
    " at http://loinc.org/license."
)
INCLUSIVE: Final = timedelta(days=1)


def write(catalogue: Catalogue) -> bytes:
    """Return the Bundle of a version."""
    resources = [_plan(catalogue), *(_activity(item, catalogue) for item in catalogue.items)]
    bundle = {
        "resourceType": BUNDLE,
        "type": "collection",
        "entry": [{"fullUrl": one["url"], "resource": one} for one in resources],
    }
    return msgspec.json.format(msgspec.json.encode(bundle), indent=2)


def _plan(catalogue: Catalogue) -> Resource:
    plan: Resource = {
        "resourceType": "PlanDefinition",
        "url": CATALOGUE,
        "version": str(catalogue.version),
        "title": "检查检验结果互认目录",
        "status": "active",
        "experimental": catalogue.defaults,
        "copyright": NOTICE,
        **_period(catalogue),
        "action": [{"definitionCanonical": canonical(item.code)} for item in catalogue.items],
    }
    if catalogue.approver:
        plan["endorser"] = [{"name": catalogue.approver}]
    if catalogue.source:
        plan["description"] = catalogue.source
    return plan


def canonical(code: str) -> str:
    """Return the canonical url of an item."""
    return f"{CATALOGUE_ITEM}:{quote(code, safe='')}"


def _period(one: Catalogue | Item) -> Resource:
    """Return when it holds; the end of a Period is the last day, ours the first one after."""
    period: Resource = {"start": one.effective_from} if one.effective_from else {}
    if one.effective_to:
        period["end"] = (date.fromisoformat(one.effective_to) - INCLUSIVE).isoformat()
    return {"effectivePeriod": period} if period else {}


def _activity(item: Item, catalogue: Catalogue) -> Resource:
    coding = [{"system": CATALOGUE_ITEM, "code": item.code, "display": item.name}]
    coding += [{"system": LOINC, "code": code} for code in item.loinc]
    coding += [{"system": code.system, "code": code.code} for code in item.codes]
    activity: Resource = {
        "resourceType": "ActivityDefinition",
        "extension": [{"url": EXT_CATALOGUE_ITEM, "extension": list(_parts(item))}],
        "url": canonical(item.code),
        "version": str(catalogue.version),
        "title": item.name,
        "status": "active",
        "kind": "ServiceRequest",
        **_period(item),
        "code": {"coding": coding, "text": item.name},
    }
    if item.name_en:
        activity["subtitle"] = item.name_en
    if item.body_site:
        activity["bodySite"] = [{"text": item.body_site}]
    if item.parts:
        activity["relatedArtifact"] = [
            {"type": "composed-of", "resource": canonical(part)} for part in item.parts
        ]
    return activity


def _parts(item: Item) -> Iterator[Resource]:
    for column, text in cells(item).items():
        if text and column not in NATIVE and not column.startswith(WINDOW):
            yield {"url": column, "valueString": text}
    for state, seconds in item.windows.items():
        duration = {"value": seconds, "unit": "s", "system": UCUM, "code": "s"}
        yield {"url": f"{WINDOW}_{state}" if state else WINDOW, "valueDuration": duration}
    for campus, fen in item.prices.items():
        money = {"value": msgspec.Raw(write_money(fen).encode()), "currency": "CNY"}
        yield {"url": f"price_{campus}", "valueMoney": money}


def read(body: bytes, campuses: Container[str] | None = None) -> Catalogue:
    """Return the catalogue of a Bundle, version 0; InvalidResourceError, SheetError."""
    bundle = decode(body)
    rows = _Rows()
    plan: Resource = {}
    for number, entry in enumerate(_list(bundle, "entry"), 1):
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            resource = {}
        match resource.get("resourceType"):
            case "PlanDefinition":
                plan = resource
            case "ActivityDefinition":
                rows.take(number, resource)
            case _:
                rows.faults.append(Fault("items", number, "", "This is no ActivityDefinition."))
    if bundle.get("resourceType") != BUNDLE or not rows.tables["items"]:
        refuse([Fault(BUNDLE, 0, "", "This is no Bundle with ActivityDefinitions.")])
    tables = {name: Table(name, COLUMNS[name], tuple(found)) for name, found in rows.tables.items()}
    start, end = _days(plan)
    return Catalogue(
        version=0,
        effective_from=start,
        effective_to=end,
        approver=str(next(iter(_list(plan, "endorser")), {}).get("name", "")),
        source=str(plan.get("description", "")),
        defaults=plan.get("experimental") is True,
        items=items_of(tables, campuses, rows.faults),
    )


class _Rows:
    """Rows as a workbook would have them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.tables: dict[str, list[Row]] = {name: [] for name in COLUMNS}

    def take(self, number: int, activity: Mapping[str, Any]) -> None:
        """Add the rows of one item."""
        found: dict[str, str] = {"name": str(activity.get("title", ""))}
        found["name_en"] = str(activity.get("subtitle", ""))
        found["effective_from"], found["effective_to"] = _days(activity)
        for site in _list(activity, "bodySite"):
            found["body_site"] = str(site.get("text", ""))
        codes = [
            (str(one.get("system", "")), str(one.get("code", "")))
            for one in _list(activity.get("code"), "coding")
        ]
        own = "".join(code for system, code in codes if system == CATALOGUE_ITEM)
        found["code"] = own
        found["loinc"] = " ".join(code for system, code in codes if system == LOINC)
        for system, code in codes:
            if system not in {CATALOGUE_ITEM, LOINC}:
                self._add("codes", number, item=own, system=system, code=code)
        for one in _list(activity, "relatedArtifact"):
            part = unquote(str(one.get("resource", "")).removeprefix(f"{CATALOGUE_ITEM}:"))
            self._add("parts", number, panel=own, part=part)
        self._extension(number, own, activity, found)
        self.tables["items"].append(Row("items", number, found))

    def _extension(
        self, number: int, own: str, activity: Mapping[str, Any], found: dict[str, str]
    ) -> None:
        for extension in _list(activity, "extension"):
            if extension.get("url") != EXT_CATALOGUE_ITEM:
                continue
            for part in _list(extension, "extension"):
                name = str(part.get("url", ""))
                if name.startswith("price_"):
                    price = _number(part.get("valueMoney"))
                    self._add("prices", number, item=own, campus=name[6:], price=price)
                elif name.startswith(WINDOW):
                    found[name] = f"{_number(part.get('valueDuration'))}s"
                elif name in COLUMNS["items"]:
                    found[name] = str(part.get("valueString", ""))
                else:
                    self.faults.append(Fault("items", number, name, "This is not known."))

    def _add(self, table: str, number: int, **values: str) -> None:
        self.tables[table].append(Row(table, number, values))


def _days(one: Mapping[str, Any]) -> tuple[str, str]:
    """Return the first day, and the first one after the last; what is no date stays as it is."""
    period = one.get("effectivePeriod")
    if not isinstance(period, dict):
        return "", ""
    start, end = str(period.get("start", "")), str(period.get("end", ""))
    try:
        return start, (date.fromisoformat(end) + INCLUSIVE).isoformat() if end else ""
    except (ValueError, OverflowError):
        return start, end


def _number(element: Any) -> str:
    value = element.get("value", "") if isinstance(element, dict) else ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _list(element: Any, name: str) -> list[Resource]:
    found = element.get(name) if isinstance(element, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
