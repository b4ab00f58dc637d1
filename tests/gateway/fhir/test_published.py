import json
import lzma
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.fhir import published
from gateway.fhir.validation import check

ROOT = Path(__file__).parents[3]
PACKED = ROOT / "gateway" / "fhir" / "tables" / "published"
BASE = "http://hl7.org/fhir/StructureDefinition/"


def _unpacked(folder):
    # As unpacked: two versions of the compressor may write other bytes for the same content.
    return {path.name: lzma.decompress(path.read_bytes()) for path in folder.glob("*.xz")}


@pytest.mark.needs("shared data")
def test_what_is_packed_is_what_the_script_makes_of_the_published_definitions(shared, tmp_path):
    script = ROOT / "scripts" / "make_published.py"
    folder = shared / "data" / "fhir-r4" / "definitions"
    subprocess.run([sys.executable, script, folder, tmp_path], check=True)
    assert _unpacked(tmp_path) == _unpacked(PACKED)


def test_a_definition_is_found_by_its_address():
    found = published.resource(published.at("StructureDefinition", BASE + "Patient"))
    assert (found["id"], found["kind"], found["version"]) == ("Patient", "resource", "4.0.1")
    assert {"text", "mapping"}.isdisjoint(found)
    assert not any("mapping" in one for one in found["snapshot"]["element"])


@pytest.mark.parametrize("version", ["4.0.1", ""])
def test_a_version_may_be_named(version):
    address = "http://hl7.org/fhir/ValueSet/administrative-gender"
    assert published.at("ValueSet", f"{address}|{version}").version == "4.0.1"


def test_another_version_is_not_taken_for_it():
    assert published.at("StructureDefinition", BASE + "Patient|3.0.2") is None
    assert published.at("StructureDefinition", BASE + "Nobody") is None


def test_every_address_and_every_id_leads_to_its_definition():
    for type_ in published.TYPES:
        for entry in published.entries(type_).values():
            line = json.loads(published.body(entry))
            assert (line["resourceType"], line["id"], line.get("url")) == entry[:3]
            assert published.at(type_, entry.url).url == entry.url


@pytest.mark.parametrize("type_", published.TYPES)
def test_a_definition_has_the_structure_that_the_door_asks_for(type_):
    # Every tenth: all of them take a minute.
    wrong = {
        entry.id: issues
        for entry in list(published.entries(type_).values())[::10]
        if (
            issues := [
                one for one in check(dict(published.resource(entry))) if one.severity == "error"
            ]
        )
    }
    assert not wrong
