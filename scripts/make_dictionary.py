# ruff: noqa: INP001 - a program, not a package
"""Writes the preset dictionary with which bodies are compressed (RFC 1950, FDICT; RFC 1951).

Usage: scripts/make_dictionary.py NUMBER, once for each new codec: what was stored with a dictionary
can only be read with the same one. What comes up most often stands last, nearest to the body.
LOINC codes and names are those of fixtures/consortium/items.tsv (docs/reference/loinc-notice.md).
"""

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ITEMS = ROOT / "fixtures" / "consortium" / "items.tsv"
TARGET = ROOT / "gateway" / "store" / "dictionary"

UNIT = '"unit":"{0}","system":"http://unitsofmeasure.org","code":"{0}"}}'
UNITS = (
    "10*12/L",
    "fL",
    "pg",
    "%",
    "s",
    "U/mL",
    "ng/mL",
    "U/L",
    "umol/L",
    "g/L",
    "10*9/L",
    "mmol/L",
)
HEAD = (
    '{{"resourceType":"{}","id":"","meta":{{,"extension":[{{"url":"urn:hutong:ext:campus",'
    '"valueCode":"'
)
KEY = '"}}]}},"identifier":[{{"system":"urn:hutong:{}:{}","value":"'
TERMS = "http://terminology.hl7.org/CodeSystem/"

# One of each type, as the mappers write it, with its own values left out.
SHAPES = (
    HEAD.format("Person") + '"}]},"identifier":[{"system":"urn:oid:2.16.156.10011.1.3","value":"'
    '"}],"name":[{"text":""}],"gender":"female","birthDate":"19","link":[{"target":{"reference":'
    '"Patient/"},"assurance":"level4"},{"target":{"reference":"Patient/"},"assurance":"level4"}]}',
    HEAD.format("Encounter") + KEY.format("", "visit") + '"}],"status":"in-progress","class":'
    '{"system":"' + TERMS + 'v3-ActCode","code":"AMB","display":"ambulatory"},"subject":'
    '{"reference":"Patient/"},"participant":[{"individual":{"display":""}}]}',
    HEAD.format("Task") + '"}]},"status":"requested","intent":"order","code":{"coding":[{"system":'
    '"urn:hutong:cs:task","code":"order-reconcile"}]},"focus":{"reference":"DiagnosticReport/"}',
    HEAD.format("ServiceRequest")
    + KEY.format("", "placer")
    + '"},{"type":{"coding":[{"system":"'
    + TERMS
    + 'v2-0203","code":"PLAC"}]},"system":"urn:hutong::filler","value":"2611"}],"status":'
    '"completed","intent":"order","category":[{"coding":[{"system":"' + TERMS + 'v2-0074","code":'
    '"LAB"}]}],"priority":"routine","code":{"coding":[{"system":"urn:hutong::item","code":"",'
    '"display":""}],"text":""},"subject":{"reference":"Patient/"},"authoredOn":"2026-11-',
    HEAD.format("Specimen") + KEY.format("", "specimen") + '"}],"accessionIdentifier":{"system":'
    '"urn:hutong:"},"type":{"coding":[{"system":"' + TERMS + 'v2-0487","code":"SER","display":'
    '"血清"}],"text":"全血"},"subject":{"reference":"Patient/"},"receivedTime":"2026-11-'
    'T08:00:00+08:00","collection":{"collectedDateTime":"2026-11-T08:00:00+08:00"}}',
    HEAD.format("Provenance") + '"}]},"target":[{"reference":"DiagnosticReport/"},{"reference":'
    '"Observation/"}],"recorded":"2026-11-T00:00:00Z","activity":{"coding":[{"system":"'
    + TERMS
    + 'v3-DataOperation","code":"CREATE"}]},"agent":[{"who":{"display":""}}],"entity":[{"role":'
    '"source","what":{"identifier":{"system":"","value":""}}}]}',
    HEAD.format("Patient")
    + '"}]},"identifier":[{"type":{"coding":[{"system":"'
    + TERMS
    + 'v2-0203","code":"MR"}]},"system":"urn:hutong::pid","value":"000"},{"type":{"coding":'
    '[{"system":"' + TERMS + 'v2-0203","code":"NI"}]},"system":"urn:oid:2.16.156.10011.1.3",'
    '"value":"3"}],"active":true,"name":[{"text":"","family":"","given":[""]}],"telecom":'
    '[{"system":"phone","value":"1"}],"gender":"female","birthDate":"19","address":[{"text":""}]}',
    HEAD.format("DiagnosticReport") + KEY.format("", "report") + '2611"}],"basedOn":[{"reference":'
    '"ServiceRequest/"}],"status":"final","category":[{"coding":[{"system":"'
    + TERMS
    + 'v2-0074","code":"LAB"}]}],"code":{"coding":[{"system":"urn:hutong::item","code":"",'
    '"display":""},{"system":"http://loinc.org","code":"","display":" panel - Serum or Plasma"}],'
    '"text":""},"subject":{"reference":"Patient/"},"effectiveDateTime":"2026-11-T08:00:00+08:00",'
    '"issued":"2026-11-T08:00:00+08:00","specimen":[{"reference":"Specimen/"}],"result":['
    '{"reference":"Observation/"},{"reference":"Observation/"}]}',
)
OBSERVATION = (
    '"interpretation":[{"coding":[{"system":"' + TERMS + 'v3-ObservationInterpretation","code":"L",'
    '"display":"Low"}],"text":"↓"}],"valueCodeableConcept":{"text":"阴性"},"valueString":"'
    + HEAD.format("Observation")
    + KEY.format("", "report")
    + '2611#"}],"status":"preliminary",'
    '"status":"corrected","status":"final","category":[{"coding":[{"system":"'
    + TERMS
    + 'observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"urn:hutong:'
    ':item","code":"","display":""},{"system":"http://loinc.org","code":"","display":'
    '" [Moles/volume] in Serum or Plasma"}],"text":""},"subject":{"reference":"Patient/"},'
    '"effectiveDateTime":"2026-11-T08:00:00+08:00","extension":[{"url":"http://hl7.org/fhir/'
    'StructureDefinition/observation-analysis-date-time","valueDateTime":"2026-11-T08:00:00+08:00"'
    '}],"valueQuantity":{"value":,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":'
    '"mmol/L"},"interpretation":[{"coding":[{"system":"' + TERMS + 'v3-ObservationInterpretation",'
    '"code":"H","display":"High"}],"text":"↑"}],"referenceRange":[{"low":{"value":,"unit":"mmol/L",'
    '"system":"http://unitsofmeasure.org","code":"mmol/L"},"high":{"value":,"unit":"mmol/L",'
    '"system":"http://unitsofmeasure.org","code":"mmol/L"},"text":"-"}],"specimen":{"reference":'
    '"Specimen/"}}'
)


def main(number: str) -> None:
    """Write the dictionary of a codec."""
    with ITEMS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader((line for line in lines if line[0] != "#"), delimiter="\t"))
    items = [
        f'"display":"{row["name"]}"}},{{"system":"http://loinc.org","code":"{row["loinc"]}",'
        f'"display":"{row["loinc_name"]}"}}],"text":"{row["name"]}"}}'
        for row in rows
        if row["loinc"]
    ]
    units = [UNIT.format(unit) for unit in UNITS]
    text = "".join((*items, *SHAPES, *units, OBSERVATION))
    (TARGET / f"{number}.txt").write_bytes(text.encode())


main(sys.argv[1])
