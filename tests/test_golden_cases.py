"""Every folder fixtures/<format>/<case>/ is a test: input.* in, expected.json out.

source.json, where it is, says how the channel is set; else the sender is campus B, and campuses
A and B are known by their codes. Numbers are compared digit for digit, so as text.
"""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from adapters import dicom, ecg, hl7v2
from mappers.base import Key, Mapped, Source
from mappers.dicom import to_fhir as dicom_to_fhir
from mappers.ecg import to_fhir as ecg_to_fhir
from mappers.hl7v2 import to_fhir

FIXTURES = Path(__file__).parents[1] / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/*/input.*"))

ORIGINAL = Key("Binary", "urn:example", "original")

ADDRESS = "https://b.example/dicom-web"
CLOCK = "2026-11-22T00:30:15.000000Z"

FORMATS: dict[str, Callable[[bytes, Source], Mapped]] = {
    "dicom": lambda body, source: dicom_to_fhir(
        [dicom.parse_instance(body)], source, ADDRESS, CLOCK
    ),
    "ecg": lambda body, source: ecg_to_fhir(ecg.parse(body), source, ORIGINAL, len(body)),
    "hl7v2": lambda body, source: to_fhir(hl7v2.parse(body), source),
}


def source_of(case: Path) -> Source:
    own = case / "source.json"
    options = json.loads(own.read_text(encoding="utf-8")) if own.exists() else {}
    return Source("B", "Asia/Shanghai", authorities={"A": "A", "B": "B"}, **options)


def outcome_of(case: Path) -> Mapped:
    (wire,) = case.glob("input.*")
    return FORMATS[case.parent.name](wire.read_bytes(), source_of(case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_golden_case(case):
    found = msgspec.json.format(msgspec.json.encode(outcome_of(case)), indent=1).decode()
    assert found + "\n" == (case / "expected.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_golden_case_has_a_balanced_account_or_is_quarantined(case):
    mapped = outcome_of(case)
    assert mapped.quarantine is not None or mapped.account.balanced()


def test_every_format_has_a_golden_case():
    assert {case.parent.name for case in CASES} == set(FORMATS)


def test_every_golden_case_says_whence_it_is():
    for case in CASES:
        assert "Synthetic" in (case / "README.md").read_text(encoding="utf-8"), case.name
