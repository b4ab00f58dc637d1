"""Many instances of one study: what is counted, ordered, and taken from which."""

import msgspec
import pytest

from adapters.dicom import Instance, Issuer, PersonName
from mappers.base import Source
from mappers.dicom import to_fhir

SOURCE = Source("B", "Asia/Shanghai", authorities={"A": "A", "B": "B"})
STUDY = "1.2.3"


def instance(series=1, number=1, **fields):
    told = {
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
        "sop_instance_uid": f"{STUDY}.{series}.{number}",
        "study_instance_uid": STUDY,
        "series_instance_uid": f"{STUDY}.{series}",
        "patient_id": "P1",
        "modality": "CT",
        "series_number": str(series),
        "instance_number": str(number),
        **fields,
    }
    return msgspec.structs.replace(Instance(), **told)


def study_of(*instances, source=SOURCE):
    mapped = to_fhir(instances, source, "http://b/dicom-web", "2026-11-22T00:00:00.000000Z")
    return mapped.drafts[-1].resource, mapped


def test_series_and_instances_are_counted_and_stand_in_their_order():
    study, _ = study_of(
        instance(2, 1), instance(1, 10), instance(1, 2), instance(1, 1, instance_number="")
    )
    assert (study["numberOfSeries"], study["numberOfInstances"]) == (2, 4)
    assert [one["number"] for one in study["series"]] == [1, 2]
    assert [one.get("number") for one in study["series"][0]["instance"]] == [2, 10, None]
    assert [one["numberOfInstances"] for one in study["series"]] == [3, 1]


def test_a_series_that_acquires_nothing_is_no_modality_of_the_study():
    study, _ = study_of(instance(1), instance(2, modality="SR"), instance(3, modality="MR"))
    assert [one["code"] for one in study["modality"]] == ["CT", "MR"]


def test_a_study_of_reports_alone_has_no_modality():
    assert "modality" not in study_of(instance(modality="SR"))[0]


@pytest.mark.parametrize(
    ("issuer", "orders_from", "campus", "system"),
    [
        ("", "", "", "urn:hutong:B:accession"),
        ("B", "", "", "urn:hutong:B:accession"),
        ("A", "", "A", "urn:hutong:A:accession"),
        ("nobody", "A", "", "urn:hutong:B:accession"),
        ("", "A", "A", "urn:hutong:B:accession"),
    ],
)
def test_the_issuer_says_whose_order_is_meant(issuer, orders_from, campus, system):
    one = instance(accession_number="N1", issuer_of_accession_number=Issuer(issuer))
    study, mapped = study_of(one, source=msgspec.structs.replace(SOURCE, orders_from=orders_from))
    (link,) = mapped.orders
    assert (link.campus, link.number, link.kinds) == (campus, "N1", ("accession", "placer"))
    assert study["identifier"][1]["system"] == system


def test_without_an_accession_number_there_is_no_link():
    study, mapped = study_of(instance())
    assert not mapped.orders
    assert len(study["identifier"]) == 1


def test_a_patient_without_a_number_is_the_studys_own():
    study, mapped = study_of(instance(patient_id="", patient_name=PersonName("A^B")))
    assert study["subject"] == {"reference": f"Patient?identifier=urn:dicom:uid|urn:oid:{STUDY}"}
    assert [note.code for note in mapped.notes] == ["no-patient-number"]


def test_notes_name_places_and_never_values():
    one = instance(
        study_date="99999999", series_number="-3", number_of_frames="1A", patient_sex="X?"
    )
    _, mapped = study_of(one)
    assert {(note.code, note.place) for note in mapped.notes} == {
        ("bad-time", "(0008,0020)"),
        ("bad-number", "(0020,0011)"),
        ("bad-number", "(0028,0008)"),
        ("unmapped-code", "(0010,0040)"),
    }


def test_a_time_that_cannot_be_read_leaves_its_day():
    study, mapped = study_of(instance(study_date="20261120", study_time="2561"))
    assert study["started"] == "2026-11-20"
    assert "bad-time" in {note.code for note in mapped.notes}


@pytest.mark.parametrize(
    ("time", "offset", "expected"),
    [
        ("083015", "", "2026-11-20T08:30:15+08:00"),
        ("0830", "+0630", "2026-11-20T08:30:00+06:30"),
        ("083015.123456", "-0100", "2026-11-20T08:30:15.123456-01:00"),
        ("08", "", "2026-11-20"),
    ],
)
def test_a_time_has_the_zone_of_the_object_else_of_the_campus(time, offset, expected):
    one = instance(study_date="20261120", study_time=time, timezone_offset_from_utc=offset)
    assert study_of(one)[0]["started"] == expected


def test_an_unverified_source_marks_what_it_tells():
    source = msgspec.structs.replace(SOURCE, options={"tags": "unverified-source"})
    study, _ = study_of(instance(), source=source)
    assert study["meta"]["tag"][0]["code"] == "unverified-source"


def test_a_mark_of_recognition_in_a_name_is_kept_as_a_claim():
    study, _ = study_of(
        instance(study_description="【全国HR】胸部CT", requested_procedure_description="胸部CT平扫")
    )
    assert study["description"] == "胸部CT"
    assert study["extension"] == [{"url": "urn:hutong:ext:claimed-mark", "valueString": "全国HR"}]
    study, _ = study_of(instance(requested_procedure_description="胸部CT平扫(本省HR)"))
    assert study["procedureCode"] == [{"text": "胸部CT平扫"}]
    assert study["extension"][0]["valueString"] == "本省HR"
    assert "extension" not in study_of(instance(study_description="HR chest"))[0]
