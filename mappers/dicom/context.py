"""What the maps of one study share: who speaks, and what was noted on the way."""

from collections.abc import Iterable
from urllib.parse import quote

from adapters.dicom import CodedEntry, Issuer
from mappers.base import Note, Resource, Source
from mappers.names import LOINC, SNOMED, TAG, identifier_system
from mappers.times import Moment, moment

INFORMATION = frozenset(
    {"assumed-zone", "charset-repaired", "meta-added", "no-patient-number", "uid-form"}
)
"""Notes that raise no alert."""

DCM = "http://dicom.nema.org/resources/ontology/DCM"
SCHEMES = {
    "DCM": DCM, "LN": LOINC, "SCT": SNOMED, "SRT": SNOMED, "RADLEX": "http://www.radlex.org",
    "UCUM": "http://unitsofmeasure.org", "I10": "http://hl7.org/fhir/sid/icd-10",
}  # fmt: skip
"""PS3.16 table 8-1. SRT codes of the old form, T-D3000, are none of SNOMED CT and stay text."""


class Context:
    """One study being mapped."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.campus = source.campus
        self._tags = [tag for tag in source.options.get("tags", "").split(",") if tag]
        self._notes: dict[tuple[str, str], Note] = {}

    def note(self, code: str, place: str = "") -> None:
        """Note something about a place, once."""
        severity = "information" if code in INFORMATION else "warning"
        self._notes.setdefault((code, place), Note(code, place, severity))

    def notes(self) -> tuple[Note, ...]:
        """Return what was noted, in order."""
        return tuple(self._notes.values())

    def system(self, kind: str, campus: str = "") -> str:
        """Return the identifier system of a kind of number, of this campus or of another."""
        return identifier_system(campus or self.campus, kind)

    def authority(self, *issuers: Issuer | str) -> str:
        """Return the CODE of the campus that an issuer stands for, "" if none does."""
        names: list[str] = []
        for one in issuers:
            if isinstance(one, Issuer):
                names += [one.local_namespace_entity_id, one.universal_entity_id]
            else:
                names.append(one)
        known = self.source.authorities
        return next((known[name] for name in names if name in known), "")

    def resource(self, kind: str) -> Resource:
        """Return the beginning of a resource, tagged as the channel says."""
        resource: Resource = {"resourceType": kind}
        if self._tags:
            resource["meta"] = {"tag": [{"system": TAG, "code": tag} for tag in self._tags]}
        return resource

    def moment(self, date: str, time: str, offset: str, place: str) -> Moment | None:
        """Return the time of DA and TM values, their zone that of (0008,0201); None for none."""
        if not date:
            return None
        found = None
        if time:
            clock = time.replace(":", "").strip()
            day = date.replace(".", "").replace("-", "")
            found = moment(f"{day}{clock}{offset}", self.source.zone)
        if found is None:
            found = moment(date, self.source.zone)
            if found is None or time:
                self.note("bad-time", place)
        if found is not None and found.assumed:
            self.note("assumed-zone", "(0008,0201)")
        return found

    def number(self, text: str, place: str) -> int | None:
        """Return an unsigned whole number; one that is none is noted."""
        if not text:
            return None
        if text.isascii() and text.isdigit() and int(text) < 2**31:
            return int(text)
        self.note("bad-number", place)
        return None

    def concept(self, entry: CodedEntry) -> Resource:
        """Return a code as CodeableConcept, {} if it says nothing."""
        concept: Resource = {}
        if code := self.coding(entry):
            concept["coding"] = [code]
        if entry.code_meaning:
            concept["text"] = entry.code_meaning
        return concept

    def concepts(self, entries: Iterable[CodedEntry]) -> list[Resource]:
        """Return the concepts of those that say something."""
        return [one for entry in entries if (one := self.concept(entry))]

    def coding(self, entry: CodedEntry) -> Resource:
        """Return a Coding, {} where the scheme cannot be named."""
        scheme = entry.coding_scheme_designator.upper()
        if not entry.code_value or not scheme:
            return {}
        if scheme == "SRT" and not entry.code_value.isdigit():
            return {}
        system = SCHEMES.get(scheme) or f"urn:hutong:{self.campus}:cs:{quote(scheme, safe='')}"
        found: Resource = {"system": system, "code": " ".join(entry.code_value.split())}
        if entry.code_meaning:
            found["display"] = entry.code_meaning
        return found
