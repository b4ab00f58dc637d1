"""The official examples of R4, all of them, as the pages would show them."""

from collections.abc import Iterator

import pytest

from gateway.fhir.codec import decode_exact
from gateway.web.acts import Standings
from gateway.web.display.compare import past
from gateway.web.display.element import digits
from gateway.web.display.person import person
from gateway.web.display.reader import Reader
from gateway.web.display.report import head, rows
from gateway.web.display.timeline import groups
from gateway.web.display.trend import trend
from gateway.web.sources import Measurement, ReportEntry, ReportsPage, WholeReport
from gateway.web.speech import CHINESE, speech
from tests.gateway.web.sample import CAMPUSES, NOW

READERS = [
    Reader(say, NOW, "A", {one.code: one for one in CAMPUSES}) for say in (CHINESE, speech("en"))
]


@pytest.fixture(scope="module")
def examples(shared) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for path in (shared / "data" / "fhir-r4" / "examples").glob("*.json"):
        for resource in _each(decode_exact(path.read_bytes())):
            found.setdefault(resource.get("resourceType", ""), []).append(resource)
    return found


def _each(resource) -> Iterator[dict]:
    yield resource
    for entry in resource.get("entry", ()):
        if isinstance(entry, dict) and "resource" in entry:
            yield from _each(entry["resource"])


@pytest.mark.parametrize("reader", READERS, ids=["zh", "en"])
def test_every_patient_has_a_line(examples, reader):
    assert len(examples["Patient"]) > 20
    for patient in examples["Patient"]:
        shown = person((patient,), reader)
        assert all((shown.name.text, shown.sex, shown.born.date, shown.born.age))


@pytest.mark.parametrize("reader", READERS, ids=["zh", "en"])
def test_every_observation_has_a_row_with_its_digits(examples, reader):
    assert len(examples["Observation"]) > 50
    measured = [Measurement(one) for one in examples["Observation"]]
    whole = WholeReport({"status": "final"}, {}, tuple(measured))
    for one, row in zip(
        measured, rows(whole, past(measured, NOW), Standings(), reader), strict=True
    ):
        assert row.name
        assert row.value.text
        quantity = one.observation.get("valueQuantity", {})
        if "value" in quantity and row.value.kind == "number":
            assert row.value.text == quantity.get("comparator", "") + digits(quantity["value"])
        assert trend(one, measured[:5], reader).lines


@pytest.mark.parametrize("reader", READERS, ids=["zh", "en"])
def test_every_report_has_a_head_and_a_place_in_the_timeline(examples, reader):
    reports = examples["DiagnosticReport"]
    assert len(reports) > 10
    for report in reports:
        assert head(WholeReport(report, {}, ()), reader).title
    shown = groups(
        ReportsPage(tuple(ReportEntry(one, ()) for one in reports)), {}, Standings(), reader
    )
    assert sum(len(group.entries) for group in shown) == len(reports)
