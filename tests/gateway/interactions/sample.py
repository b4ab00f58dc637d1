"""Resources full of edges, to be searched: dates of every precision, codes of every form."""

from tests.gateway.interactions.consortium import LOINC
from tests.gateway.interactions.naive import ALIAS, CITIZEN

OWN = "urn:hutong:A:item"
DATES = (
    {"effectiveDateTime": "2026"},
    {"effectiveDateTime": "2026-11"},
    {"effectiveDateTime": "2026-11-22"},
    {"effectiveDateTime": "2026-11-22T00:00:00+08:00"},
    {"effectiveDateTime": "2026-11-21T16:00:00Z"},
    {"effectiveDateTime": "2026-11-22T23:59:59.999+08:00"},
    {"effectiveDateTime": "2026-11-22T10:15:30Z"},
    {"effectiveDateTime": "2026-11-22T10:15:30.123456Z"},
    {"effectiveDateTime": "2025-12-31T23:30:00-05:00"},
    {"effectiveDateTime": "2024-02-29"},
    {"effectiveDateTime": "1900-01-01"},
    {"effectivePeriod": {"start": "2026-11-20", "end": "2026-11-24"}},
    {"effectivePeriod": {"start": "2026-11-22T08:00:00+08:00"}},
    {"effectivePeriod": {"end": "2026-11-21"}},
    {"effectivePeriod": {"start": "2026", "end": "2026-11-22"}},
    {},
)
SUBJECTS = (
    "Patient/p1",
    "Patient/p2",
    "Patient/p3",
    "http://hutong.test/fhir/Patient/p1",
    "http://elsewhere.test/fhir/Patient/p1",
    "Group/p1",
    "Device/d1",
    None,
)
CODES = (
    {"coding": [{"system": LOINC, "code": "718-7"}]},
    {"coding": [{"system": LOINC, "code": "718-7"}, {"system": OWN, "code": "HGB"}]},
    {"coding": [{"system": OWN, "code": "HGB"}]},
    {"coding": [{"code": "718-7"}]},
    {"coding": [{"system": OWN, "code": "718-7"}]},
    {"coding": [{"system": LOINC, "code": "2345-7"}, {"system": LOINC, "code": "15074-8"}]},
    {"text": "血红蛋白"},
)
STATUSES = ("final", "preliminary", "amended")


def observations():
    """One of each date with subjects, codes and statuses that go round at other speeds."""
    for number in range(112):
        resource = {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": STATUSES[number % 3],
            "code": CODES[number % 7],
            "category": [{"coding": [{"code": "laboratory" if number % 2 else "exam"}]}],
            **DATES[number % 16],
        }
        subject = SUBJECTS[(number // 3) % 8]
        if subject:
            resource["subject"] = {"reference": subject}
        if number % 5 == 0:
            resource["identifier"] = [{"system": "urn:x", "value": f"n{number % 4}"}]
        yield resource


NAMES = (
    [{"family": "王", "given": ["秀英"]}],
    [{"family": "劉", "given": ["德", "華"]}],
    [{"family": "刘", "given": ["德华"]}],
    [{"text": "陈丽"}, {"family": "Chen", "given": ["Li"]}],
    [{"text": "Ｃｈｅｎ　Ｌｉ"}],
    [{"family": "Müller", "given": ["É"]}],
    [{"family": "van der Berg", "given": ["Jan", "Peter"]}],
    [{"family": "王", "text": "王 秀英"}],
    None,
)
BIRTHS = ("1980", "1980-02", "1980-02-29", "2000-12-31", None)


def patients():
    for number in range(45):
        resource = {"resourceType": "Patient", "id": f"p{number}"}
        resource["identifier"] = [
            {"system": (CITIZEN, ALIAS, "urn:y")[number % 3], "value": f"x{number % 10}"},
            {"value": f"bare{number % 2}"},
        ]
        if NAMES[number % 9]:
            resource["name"] = NAMES[number % 9]
        if BIRTHS[number % 5]:
            resource["birthDate"] = BIRTHS[number % 5]
        if number % 4:
            resource["gender"] = "female" if number % 4 == 1 else "male"
        if number % 6:
            resource["active"] = number % 6 > 1
        yield resource
