"""OBX-5 by the type in OBX-2 and by what it says, to value[x], components or an attachment."""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote

import msgspec

from adapters.hl7v2 import CWE, NULL, OBX
from mappers.base import Resource
from mappers.hl7v2.context import Context
from mappers.hl7v2.datatypes import concept, real
from mappers.hl7v2.groups import Result
from mappers.names import EXT_R5_VALUE
from mappers.numbers import number
from mappers.times import clock_time
from mappers.units import unit
from mappers.values import MEASURED, NUMERIC, TEXT, Value, qualitative, quantity, ratio, read

TEN = re.compile(r"[×xX*]?10\Z")
BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*\Z", re.ASCII)
NAME_LENGTH = 64
"""What is longer in OBX-5 names no type, so it is the document itself."""
URL_SIGNS = ":/?#[]@!$&'()*+,;=%\\"
CONTENT_TYPES = {
    "PDF": "application/pdf",
    "JPEG": "image/jpeg",
    "JPG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
    "HTML": "text/html",
    "RTF": "text/rtf",
    "XML": "text/xml",
    "PLAIN": "text/plain",
    "DICOM": "application/dicom",
}


class Found(msgspec.Struct):
    """What one OBX says."""

    elements: Resource = {}
    """value[x] or dataAbsentReason, and extensions."""
    flag: str = ""
    component: list[Resource] = []
    attachments: list[Resource] = []
    """Documents for the report."""

    def __bool__(self) -> bool:
        """Return whether it says anything."""
        return bool(self.elements or self.component)


def units_of(cwe: CWE) -> Resource:
    """Return the unit part of a Quantity for OBX-6."""
    if not cwe.identifier and not cwe.text:
        return {}
    return _units(
        cwe.identifier,
        cwe.text,
        cwe.name_of_coding_system,
        cwe.alternate_identifier if cwe.name_of_alternate_coding_system == "UCUM" else "",
    )


@lru_cache(maxsize=1024)
def _units(identifier: str, text: str, system: str, alternate: str) -> Resource:
    if TEN.match(identifier.strip()) and text[:1].isdigit():
        identifier = f"{identifier.strip()}^{text}"  # 10^9/L, its ^ not escaped
    written = real(identifier, text)
    if not written:
        return {}
    return unit(written, real(identifier) if system == "UCUM" else alternate)


def to_found(obx: OBX, units: Resource, result: Result, context: Context) -> Found:
    """Return what OBX-5 says, and the further lines of a text."""
    varies = obx.observation_value
    if result.lines:
        return _lines(obx, result)
    if not varies.raw or varies.raw == NULL:
        return Found()
    convert = CONVERTERS.get(obx.value_type)
    if convert is None:
        context.note("unknown-type", result.segment.place(2))
        convert = _written
    return convert(obx, units, result, context)


def _lines(obx: OBX, result: Result) -> Found:
    lines = [obx.observation_value.text, *(line.value(5) for line in result.lines)]
    text = "\n".join(line for line in lines if line != NULL).strip("\n")
    return Found({"valueString": text}) if text.strip() else Found()


def _from(value: Value, result: Result, context: Context) -> Found:
    if not value.understood:
        context.note("not-a-number", result.segment.place(5))
    return Found({value.name: value.content} if value.name else {}, value.flag)


def _number(obx: OBX, units: Resource, result: Result, context: Context) -> Found:
    varies = obx.observation_value
    value = read(varies.text, units, NUMERIC)
    if value.name == "valueString" and len(varies.repetitions) > 1:
        return _components([read("^".join(each), units, NUMERIC) for each in varies.repetitions])
    return _from(value, result, context)


def _components(values: list[Value]) -> Found:
    # The guide says one component a repetition.
    return Found(component=[{value.name: value.content} for value in values if value.name])


def _written(obx: OBX, units: Resource, result: Result, context: Context) -> Found:
    """Read ST, IS and what has no type."""
    varies = obx.observation_value
    measured = bool(units or obx.references_range) or not obx.value_type
    kind = MEASURED if measured else TEXT
    if len(varies.repetitions) > 1 and obx.value_type == "IS":
        return _components([read("^".join(each), units, kind) for each in varies.repetitions])
    return _from(read(varies.text, units, kind), result, context)


def _prose(obx: OBX, units: Resource, result: Result, context: Context) -> Found:
    text = obx.observation_value.text
    if units:  # some systems send every result as TX
        return _from(read(text, units, MEASURED), result, context)
    if len(obx.observation_value.repetitions) > 1:
        text = "\n".join("^".join(each) for each in obx.observation_value.repetitions)
    return Found({"valueString": text.strip("\n")}) if text.strip() else Found()


def _coded(obx: OBX, units: Resource, result: Result, context: Context) -> Found:
    values = []
    for each in obx.observation_value.repetitions:
        cwe = CWE(*each[:9])
        element = concept(cwe, context.campus)
        if not cwe.name_of_coding_system:
            word = real(cwe.text, cwe.identifier)
            element = qualitative(word) or element
            if units and not cwe.text:  # a number typed as a code
                values.append(read(word, units, MEASURED))
                continue
        if element:
            values.append(Value("valueCodeableConcept", element))
    if len(values) == 1:
        return _from(values[0], result, context)
    return _components(values)


def _structured(obx: OBX, units: Resource, result: Result, context: Context) -> Found:
    """Read SN: comparator, number, separator, number."""
    values = []
    for each in obx.observation_value.repetitions:
        sign, first, separator, second = (*map(real, each), "", "", "", "")[:4]
        numerator, denominator = number(first), number(second)
        if separator in {":", "/"} and numerator and denominator and sign in {"", "="}:
            values.append(Value("valueRatio", ratio(numerator, denominator)))
        elif len(each) == 1:
            values.append(read(sign, units, NUMERIC))
        else:
            # FHIR knows no comparator =, and <> is none.
            text = f"{'' if sign == '=' else sign}{first}{separator}{second}"
            values.append(read(text, units, NUMERIC))
    if len(values) == 1:
        return _from(values[0], result, context)
    return _components(values)


def _as_text(obx: OBX, *, understood: bool, result: Result, context: Context) -> Found:
    value = Value("valueString", obx.observation_value.text, understood=understood)
    return _from(value, result, context)


def _time(obx: OBX, _: Resource, result: Result, context: Context) -> Found:
    first, *further = obx.observation_value.repetitions
    text = obx.observation_value.text if further else first[0]  # behind it stands its precision
    if obx.value_type == "TM":
        clock = clock_time(text)
        return Found({"valueTime": clock} if clock else {"valueString": text})
    when = context.moment(text, result.segment.place(5))
    return Found({"valueDateTime": when.text} if when else {"valueString": text})


def _period(obx: OBX, _: Resource, result: Result, context: Context) -> Found:
    ends, *further = obx.observation_value.repetitions
    moments = [context.moment(text, result.segment.place(5)) for text in ends]
    if further or not any(moments):
        return _as_text(obx, understood=True, result=result, context=context)
    period = {
        name: when.text for name, when in zip(("start", "end"), moments, strict=False) if when
    }
    return Found({"valuePeriod": period})


def _numeric_range(obx: OBX, units: Resource, result: Result, context: Context) -> Found:
    ends, *further = obx.observation_value.repetitions
    texts = {name: real(text) for name, text in zip(("low", "high"), ends, strict=False)}
    amounts = {name: number(text) for name, text in texts.items() if text}
    if further or not amounts or None in amounts.values():
        return _as_text(obx, understood=False, result=result, context=context)
    element = {name: quantity(amount, units) for name, amount in amounts.items() if amount}
    return Found({"valueRange": element})


def _data(obx: OBX, _: Resource, result: Result, context: Context) -> Found:
    """Read ED: source, type, subtype, encoding, data. The data goes to the report."""
    first, *further = [
        _document(obx, each, result, context) for each in obx.observation_value.repetitions
    ]
    first.attachments += [one for each in further for one in each.attachments]
    texts = [each.elements["valueString"] for each in further if "valueString" in each.elements]
    if texts:
        first.elements["valueString"] = "\n".join(
            [*filter(None, [first.elements.get("valueString")]), *texts]
        )
    return first


def _document(obx: OBX, parts: tuple[str, ...], result: Result, context: Context) -> Found:
    _source, kind, subtype, encoding, data = (*parts, "", "", "", "", "")[:5]
    attachment: Resource = {"contentType": _content_type(kind, subtype)}
    if title := real(obx.observation_identifier.text):
        attachment["title"] = title
    elements: Resource = {"extension": [{"url": EXT_R5_VALUE, "valueAttachment": dict(attachment)}]}
    if not data:
        if any(len(part) > NAME_LENGTH for part in parts):  # it stands in the wrong place
            context.note("unreadable-document", result.segment.place(5))
            return Found({"valueString": obx.observation_value.text})
        return Found(elements)
    if encoding.upper() == "BASE64" and BASE64.match(data):
        attachment["data"] = "".join(data.split())
        return Found(elements, attachments=[attachment])
    if encoding.upper() not in {"A", ""}:
        context.note("unreadable-document", result.segment.place(5))
    return Found({"valueString": data})


def _pointer(obx: OBX, _: Resource, __: Result, ___: Context) -> Found:
    """Read RP: pointer, application, type, subtype."""
    pointer, _app, kind, subtype = (*obx.observation_value.repetitions[0], "", "", "", "")[:4]
    attachment: Resource = {"contentType": _content_type(kind, subtype)}
    if real(pointer):
        attachment["url"] = quote(real(pointer), safe=URL_SIGNS)
    return Found({"extension": [{"url": EXT_R5_VALUE, "valueAttachment": attachment}]})


def _content_type(kind: str, subtype: str) -> str:
    name = real(subtype, kind).upper()
    return CONTENT_TYPES.get(name, "application/octet-stream")


Converter = Callable[[OBX, Resource, Result, Context], Found]

CONVERTERS: dict[str, Converter] = {
    "NM": _number,
    "SN": _structured,
    "ST": _written,
    "IS": _written,
    "ID": _written,
    "NA": _written,
    "": _written,
    "TX": _prose,
    "FT": _prose,
    "CE": _coded,
    "CWE": _coded,
    "CNE": _coded,
    "CF": _coded,
    "DT": _time,
    "TM": _time,
    "TS": _time,
    "DTM": _time,
    "DR": _period,
    "NR": _numeric_range,
    "ED": _data,
    "RP": _pointer,
}
