"""Rules of docs/reference/ecg-mapping.md that need no whole file."""

from datetime import UTC, datetime

import msgspec
import pytest

from adapters.ecg import (
    ECGRecording,
    Filters,
    Lead,
    Machine,
    Measurement,
    Series,
    Subject,
)
from mappers.base import Key, Source
from mappers.ecg import to_fhir
from mappers.ecg.limb_leads import LIMBS, agree

SOURCE = Source("B", "Asia/Shanghai", authorities={"A": "A", "1.2.3": "B"})
ORIGINAL = Key("Binary", "urn:example", "one")


def series(**leads):
    found = tuple(Lead(name, samples, "5") for name, samples in leads.items())
    return Series(found, "500", "2", "20261122083015")


def recording(**told):
    told = {"series": (series(I=(1, 2)),), "subject": Subject("7", name="刘玉兰"), **told}
    return ECGRecording(format="aecg", identifier="1", **told)


def mapped(**told):
    return to_fhir(recording(**told), SOURCE, ORIGINAL, 10)


def resources(type_, **told):
    drafts = mapped(**told).drafts
    return [
        msgspec.json.decode(msgspec.json.encode(one.resource))
        for one in drafts
        if one.key.type == type_
    ]


def patient_key(authority):
    subject = Subject("7", authority=authority)
    (key,) = (one.key for one in mapped(subject=subject).drafts if one.key.type == "Patient")
    return key.system


@pytest.mark.parametrize(
    ("authority", "system"),
    [
        ("", "urn:hutong:B:pid"),
        ("A", "urn:hutong:A:pid"),
        ("1.2.3", "urn:hutong:B:pid"),
        ("2.16.840.1.113883.3.400", "urn:oid:2.16.840.1.113883.3.400"),
        ("HOSPITAL", "urn:hutong:B:pid"),
    ],
)
def test_the_issuer_of_a_number_is_its_system(authority, system):
    assert patient_key(authority) == system


def test_a_component_holds_the_integers_and_their_scale():
    lead = Lead("aVF", (1, None, -3), "4.88", "-12.5")
    (found,) = resources("Observation", series=(Series((lead,), "240", "4.16666666667"),))
    (component,) = found["component"]
    assert component["code"]["coding"][0]["code"] == "131392"
    assert component["valueSampledData"] == {
        "origin": {
            "value": -12.5,
            "unit": "uV",
            "system": "http://unitsofmeasure.org",
            "code": "uV",
        },
        "period": 4.16666666667,
        "factor": 4.88,
        "dimensions": 1,
        "data": "1 E -3",
    }
    assert found["extension"][0]["valueQuantity"]["value"] == 240
    assert "effectiveDateTime" not in found


def test_an_unknown_lead_has_a_name_but_no_code():
    (found,) = resources("Observation", series=(series(PACE=(1,)),))
    assert found["component"][0]["code"] == {"text": "PACE"}


def test_a_series_that_begins_later_says_when():
    later = Series((Lead("V1", (1,), "5"),), "500", "2", "20261122083015", offset="2500")
    found = resources("Observation", series=(series(I=(1,)), later))
    assert [one["effectiveDateTime"] for one in found] == [
        "2026-11-22T08:30:15+08:00",
        "2026-11-22T08:30:17.500+08:00",
    ]


def test_filters_and_device_are_told():
    device = Machine("M", "X-1", "S9", "2.0")
    (found,) = resources("Observation", filters=Filters("0.05", "", "50"), device=device)
    told = {one["url"]: one["valueQuantity"]["value"] for one in found["extension"][1]["extension"]}
    assert told == {"high-pass": 0.05, "notch": 50}
    assert found["device"] == {
        "type": "Device",
        "identifier": {"value": "S9"},
        "display": "M X-1 2.0",
    }


@pytest.mark.parametrize(
    ("written", "value"),
    [("+01.250", "1.250"), ("1.E2", "1E2"), (".5", "0.5"), ("5.", "5"), ("-30", "-30")],
)
def test_digits_of_a_measurement_are_kept(written, value):
    measured = (Measurement("rv5", written, "mV", "MINDRAY_ECG_RV5", ""),)
    (one,) = (
        draft
        for draft in mapped(measurements=measured).drafts
        if draft.key.value.endswith("#measurements")
    )
    assert f'"value":{value},' in msgspec.json.encode(one.resource).decode()


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("mV", {"unit": "mV", "system": "http://unitsofmeasure.org", "code": "mV"}),
        ("m V", {"unit": "m V"}),
        ("", {}),
    ],
)
def test_a_unit_is_a_code_only_if_it_may_be_one(unit, told):
    found = resources("Observation", measurements=(Measurement("sv1", "1", unit, "x", ""),))
    assert found[0]["component"][0]["valueQuantity"] == {"value": 1, **told}


def test_a_code_that_is_ours_too_stands_once():
    measured = (Measurement("heart-rate", "70", "/min", "8867-4", "LN"),)
    found = resources("Observation", measurements=measured)
    codes = [one["code"] for one in found[0]["component"][0]["code"]["coding"]]
    assert codes == ["8867-4", "147088"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("刘^玉兰", {"text": "刘玉兰", "family": "刘", "given": ["玉兰"]}),
        ("DOE^JOHN^Q", {"text": "JOHN Q DOE", "family": "DOE", "given": ["JOHN", "Q"]}),
        ("^ANNA", {"text": "ANNA", "given": ["ANNA"]}),
        ("阿依古丽", {"text": "阿依古丽", "family": "阿依古丽"}),
    ],
)
def test_the_parts_of_a_name_are_told(written, name):
    (patient,) = resources("Patient", subject=Subject("7", name=written, structured=True))
    assert patient["name"] == [name]


def test_leads_of_unequal_length_are_noted():
    assert "unequal-leads" in {
        one.code for one in mapped(series=(series(I=(1,), V1=(1, 2)),)).notes
    }


def test_an_offset_beyond_all_time_is_none():
    far = Series((Lead("V1", (1,), "5"),), "500", "2", "20261122083015", offset="1" + "0" * 20)
    (found,) = resources("Observation", series=(far,))
    assert found["effectiveDateTime"] == "2026-11-22T08:30:15+08:00"


def test_a_formula_is_named():
    measured = (Measurement("qtc", "413", "ms", "MDC_ECG_TIME_PD_QTcF", "MDC"),)
    found = resources("Observation", measurements=measured)
    assert found[0]["component"][0]["code"]["text"] == "QTc (Fridericia)"


def test_twelve_leads_are_said_to_be_twelve():
    names = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    twelve = series(**dict.fromkeys(names, (0,)))
    measured = (Measurement("qrs", "90", "ms", "x", ""),)
    found = resources("Observation", series=(twelve,), measurements=measured)
    assert [one["code"] for one in found[0]["code"]["coding"]] == ["11524-6", "34534-8"]
    found = resources("Observation", measurements=measured)
    assert [one["code"] for one in found[0]["code"]["coding"]] == ["11524-6"]


def test_the_patient_number_as_written_stands_at_the_report():
    (found,) = resources("DiagnosticReport")
    assert found["subject"]["identifier"] == {"system": "urn:hutong:B:pid", "value": "7"}
    assert found["presentedForm"][0]["url"] == str(ORIGINAL)


def test_a_clock_that_differs_by_more_than_a_day_is_noted():
    other = Series((Lead("I", (1,), "5"),), "500", "2", "20221122083015", head="20171122083015")
    assert "clock-differs" in {one.code for one in mapped(series=(other,)).notes}


def test_a_time_that_does_not_exist_is_noted_and_left_out():
    other = Series((Lead("I", (1,), "5"),), "500", "2", "20261322083015")
    found = mapped(series=(other,))
    assert "bad-time" in {one.code for one in found.notes}
    assert found.recording.start == ""


def test_an_unknown_sex_is_noted_and_un_is_unknown():
    (patient,) = resources("Patient", subject=Subject("7", sex="UN"))
    assert patient["gender"] == "unknown"
    (patient,) = resources("Patient", subject=Subject("7", sex="?"))
    assert "gender" not in patient


def test_without_a_number_there_is_a_patient_of_this_recording_alone():
    subject = Subject(name="刘玉兰", birth_date="19580307")
    found = mapped(subject=subject)
    assert "no-patient-number" in {one.code for one in found.notes}
    (patient,) = resources("Patient", subject=subject)
    assert "identifier" not in patient
    assert patient["birthDate"] == "1958-03-07"
    (report,) = resources("DiagnosticReport", subject=subject)
    assert "identifier" not in report["subject"]
    others = [mapped(subject=Subject(name=name)).drafts[0].key for name in ("甲", "乙")]
    assert others[0] != others[1]


def test_a_right_citizen_id_among_the_numbers_is_one():
    numbers = (("", "11010519491231002X"), ("", "110105194912310021"))
    (patient,) = resources("Patient", subject=Subject("7", others=numbers))
    assert [one["value"] for one in patient["identifier"]] == ["7", "11010519491231002X"]


def test_an_accession_number_is_an_order_of_its_issuer():
    (link,) = mapped(accession="X1", accession_authority="A").orders
    assert (link.campus, link.number, link.kinds) == ("A", "X1", ("accession", "placer"))
    (link,) = mapped(accession="X1", accession_authority="?").orders
    assert link.campus == ""


def test_the_recording_is_known_to_the_second_in_utc():
    start = datetime(2026, 11, 22, 0, 30, 15, tzinfo=UTC)
    assert mapped().recording.start == start.strftime("%Y-%m-%dT%H:%M:%S")


def limbs(first, second, shift=0):
    rows = {
        "I": first,
        "II": second,
        "III": second - first,
        "aVR": -(first + second) // 2,
        "aVL": first - second // 2,
        "aVF": second - first // 2 + shift,
    }
    return series(**{name: (rows[name],) for name in LIMBS})


@pytest.mark.parametrize(("first", "second"), [(10, 31), (-7, 3), (0, 0)])
def test_rounded_limb_leads_agree(first, second):
    assert agree(limbs(first, second))
    assert not agree(limbs(first, second, shift=5))


def test_leads_that_are_not_there_cannot_disagree():
    assert agree(series(I=(1,), II=(900,), III=(5,)))


def test_a_sample_without_value_disagrees_with_nothing():
    found = limbs(10, 31, shift=5)
    absent = tuple(Lead(one.name, (None,), one.scale) for one in found.leads)
    assert agree(Series(absent, "500", "2"))
