"""Data types of HL7 v2 to those of FHIR.

Follows the data type maps of the HL7 v2-to-FHIR guide; where we leave them, a comment says why.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import quote

from msgspec.structs import replace

from adapters.hl7v2 import CWE, CX, EI, HD, NULL, XAD, XCN, XPN, XTN
from mappers.base import Resource
from mappers.hl7v2.context import Context
from mappers.marks import HR, split
from mappers.names import (
    EXT_CLAIMED_MARK,
    EXT_NAME_REPRESENTATION,
    LOINC,
    SNOMED,
    UCUM,
    item_system,
    v2_table,
)

CODE_SYSTEMS = {
    "LN": LOINC,
    "SCT": SNOMED,
    "SNM": SNOMED,
    "UCUM": UCUM,
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "CDCREC": "urn:oid:2.16.840.1.113883.6.238",
    "ATC": "http://www.whocc.no/atc",
}
V2_TABLE = re.compile(r"HL7(\d{4})\Z", re.ASCII)
HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003134f·]")

NAME_USE = {
    "L": "official", "D": "usual", "U": "usual", "A": "anonymous", "S": "anonymous",
    "M": "maiden", "B": "official", "N": "nickname", "T": "temp", "BAD": "old",
}  # fmt: skip
"""Table 0200."""
NAME_REPRESENTATION = {"I": "IDE", "A": "ABC", "P": "SYL"}
"""Table 4000: ideographic, alphabetic, phonetic."""
ADDRESS_USE = {"H": "home", "B": "work", "O": "work", "C": "temp", "BA": "old"}
"""Table 0190; the others have no use in FHIR."""
TELECOM_SYSTEM = {"PH": "phone", "CP": "phone", "FX": "fax", "BP": "pager", "Internet": "email"}
"""Table 0202."""
TELECOM_USE = {"PRN": "home", "ORN": "home", "VHN": "home", "WPN": "work", "PRS": "mobile"}
"""Table 0201."""


def real(*texts: str) -> str:
    """Return the first text that says something: neither blank nor HL7's null."""
    for text in texts:
        if text and text != NULL and (stripped := text.strip()):
            return stripped
    return ""


@lru_cache(maxsize=512)
def code_system(name: str, campus: str) -> str:
    """Return the code system for a coding system as CWE.3 names it, "" if it names none.

    One that only the campus knows keeps its name there.
    """
    name = real(name)
    if known := CODE_SYSTEMS.get(name):
        return known
    if table := V2_TABLE.match(name):
        return v2_table(table[1])
    return f"urn:hutong:{campus}:cs:{quote(name, safe='')}" if name else ""


def coding(code: str, display: str, system: str) -> Resource:
    """Return a Coding without empty parts."""
    element: Resource = {"system": system} if system else {}
    element["code"] = code if code.isalnum() else " ".join(code.split())
    if display:
        element["display"] = display
    return element


def concept(cwe: CWE, campus: str) -> Resource:
    """Return a coded value as CodeableConcept, {} if it says nothing."""
    codings = []
    if code := real(cwe.identifier):
        system = code_system(cwe.name_of_coding_system, campus)
        codings.append(coding(code, real(cwe.text), system))
    if code := real(cwe.alternate_identifier):
        system = code_system(cwe.name_of_alternate_coding_system, campus)
        codings.append(coding(code, real(cwe.alternate_text), system))
    element: Resource = {"coding": codings} if codings else {}
    if text := real(cwe.original_text, cwe.text, cwe.alternate_text):
        element["text"] = text
    return element


def concepts(values: Iterable[CWE], campus: str) -> list[Resource]:
    """Return the CodeableConcepts of those that say something."""
    return [element for value in values if (element := concept(value, campus))]


@lru_cache(maxsize=4096)  # a laboratory has some hundred items
def _item(cwe: CWE, campus: str) -> Resource:
    element = concept(cwe, campus)
    codings = element.get("coding", ())
    # What is no code of a register is the campus's own, whatever it calls its list.
    for one in codings:
        if one.get("system", "").startswith("urn:hutong:") or "system" not in one:
            one["system"] = item_system(campus)
            break
    if len(codings) > 1 and codings[0]["system"] == LOINC:
        codings.reverse()
    return element


@lru_cache(maxsize=4096)
def _unmarked(cwe: CWE) -> tuple[CWE, str]:
    """Return an item whose names bear no mark of recognition, and the marks that they bore."""
    texts = cwe.text, cwe.alternate_text, cwe.original_text
    if not any(HR in text for text in texts):
        return cwe, ""
    (text, first), (alternate, second), (original, third) = map(split, texts)
    bare = replace(cwe, text=text, alternate_text=alternate, original_text=original)
    return bare, first or second or third


def claim(cwe: CWE) -> list[Resource]:
    """Return the extension that keeps the mark an item's name bore: it is claimed, not proven."""
    mark = _unmarked(cwe)[1]
    return [{"url": EXT_CLAIMED_MARK, "valueString": mark}] if mark else []


def item(cwe: CWE, campus: str) -> Resource:
    """Return OBX-3 or OBR-4 as CodeableConcept: the campus's own code first, then LOINC."""
    element = _item(_unmarked(cwe)[0], campus)
    copy: Resource = {}
    if codings := element.get("coding"):
        copy["coding"] = [dict(one) for one in codings]
    if text := element.get("text"):
        copy["text"] = text
    return copy


def item_code(cwe: CWE) -> str:
    """Return what names an item in a key: the local code, else the LOINC code, else the text."""
    cwe = _unmarked(cwe)[0]
    first, second = real(cwe.identifier), real(cwe.alternate_identifier)
    if second and cwe.name_of_coding_system == "LN":
        return second
    return first or second or real(cwe.text, cwe.original_text)


def authority(hd: HD, context: Context) -> str:
    """Return the CODE of the campus that assigned a number, "" if none is named."""
    return context.authority(hd.namespace_id, hd.universal_id)


def ei_authority(ei: EI, context: Context) -> str:
    """Return the CODE of the campus whose number it is, "" if none is named."""
    return context.authority(ei.namespace_id, ei.universal_id)


def identifier(system: str, value: str, kind: str = "") -> Resource:
    """Return an Identifier; kind is a code of table 0203."""
    element: Resource = {}
    if kind:
        element["type"] = {"coding": [{"system": v2_table("0203"), "code": kind}]}
    if system:
        element["system"] = system
    element["value"] = value
    return element


def cx_number(cx: CX) -> str:
    """Return the number; analysers leave CX.1 empty and write it in CX.2."""
    return real(cx.id_number, cx.check_digit)


def human_name(xpn: XPN, use: str = "") -> Resource:
    """Return a HumanName, {} if it says nothing."""
    family = real(xpn.family_name.surname)
    given = [
        name for name in (real(xpn.given_name), real(xpn.second_and_further_given_names)) if name
    ]
    text = _name_text(family, given)
    if not text:
        return {}
    element: Resource = {}
    if use or (use := NAME_USE.get(xpn.name_type_code, "")):
        element["use"] = use
    element["text"] = text
    if family:
        element["family"] = family
    if given:
        element["given"] = given
    for key, part in (("prefix", real(xpn.prefix)), ("suffix", real(xpn.suffix))):
        if part:
            element[key] = [part]
    if code := NAME_REPRESENTATION.get(xpn.name_representation_code):
        element["extension"] = [{"url": EXT_NAME_REPRESENTATION, "valueCode": code}]
    return element


def _name_text(family: str, given: Sequence[str]) -> str:
    if HAN.search(family + "".join(given)):
        return family + "".join(given)
    return " ".join([*given, family] if family else given)


def practitioner(xcn: XCN, campus: str) -> Resource:
    """Return a Reference by staff number and name, {} if it names nobody.

    No Practitioner is made: a number without its register never decides who somebody is.
    """
    family = real(xcn.family_name.surname)
    given = [part for part in (real(xcn.given_name),) if part]
    return staff(real(xcn.person_identifier), _name_text(family, given), campus)


def staff(number: str, name: str, campus: str) -> Resource:
    """Return a Reference to a member of staff by number and name."""
    element: Resource = {}
    if number:
        element["type"] = "Practitioner"
        element["identifier"] = {"system": f"urn:hutong:{campus}:staff", "value": number}
    if name:
        element["display"] = name
    return element


def practitioners(values: Iterable[XCN], campus: str) -> list[Resource]:
    """Return References to those that are named."""
    return [element for value in values if (element := practitioner(value, campus))]


def address(xad: XAD) -> Resource:
    """Return an Address, {} if it says nothing."""
    street = xad.street_address
    lines = [
        line
        for line in (
            real(street.street_or_mailing_address),
            " ".join(filter(None, (real(street.dwelling_number), real(street.street_name)))),
            real(xad.other_designation),
        )
        if line
    ]
    element: Resource = {}
    if use := ADDRESS_USE.get(xad.address_type):
        element["use"] = use
    if lines:
        element["line"] = lines
    for key, part in (
        ("city", xad.city),
        ("district", xad.county_parish_code),
        ("state", xad.state_or_province),
        ("postalCode", xad.zip_or_postal_code),
        ("country", xad.country),
    ):
        if text := real(part):
            element[key] = text
    return element if len(element) > ("use" in element) else {}


def telecom(xtn: XTN, use: str) -> Resource:
    """Return a ContactPoint, {} if it says nothing; use is that of the field."""
    built = "".join(filter(None, (real(xtn.area_city_code), real(xtn.local_number))))
    value = real(
        xtn.telephone_number, xtn.unformatted_telephone_number, built, xtn.communication_address
    )
    if not value:
        return {}
    element: Resource = {
        "system": TELECOM_SYSTEM.get(xtn.telecommunication_equipment_type, "phone")
    }
    if "@" in value:
        element["system"] = "email"
    element["value"] = value
    use = TELECOM_USE.get(xtn.telecommunication_use_code, use)
    if xtn.telecommunication_equipment_type == "CP":
        use = "mobile"
    element["use"] = use
    return element
