"""Every canonical url, identifier system and code system that Hutong writes, in one place."""

CITIZEN_ID = "urn:oid:2.16.156.10011.1.3"
"""Number of a Chinese resident identity card (GB 11643), as the WS/T 500 templates name it."""
CITIZEN_ID_ALIAS = "urn:oid:2.16.840.1.113883.2.23.1.19.1"
"""The same number in some HIS; accepted, never written."""

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
MDC = "urn:iso:std:iso:11073:10101"
ADMINISTRATIVE_GENDER = "http://hl7.org/fhir/administrative-gender"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PARTICIPATION_TYPE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
MARITAL_STATUS = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
PROVENANCE_AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

STUDY_UID = "urn:dicom:uid"
"""Identifier system of a study; its values are `urn:oid:` and the UID."""
CONNECTION_TYPE = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
PAYLOAD_TYPE = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type"

CAMPUS = "urn:hutong:cs:campus"
"""Codes of the campuses; also the identifier system of their Organizations."""
TAG = "urn:hutong:cs:tag"
"""`training`, `debugging` (MSH-11), `unverified` (OBX-11 R), `unverified-source`, `inferred`."""
DEGREE = "urn:hutong:cs:degree"
"""How much was found: `trace`, `1+` to `4+`."""
TASK = "urn:hutong:cs:task"
NON_RECOGNITION_REASON = "urn:hutong:cs:non-recognition-reason"
"""Why a physician did not recognise a result: the provincial dictionary, and codes of our own."""
RECALL_REASON = "urn:hutong:cs:recall-reason"
"""What befell a result that somebody relied on."""

ECG = "urn:hutong:ecg"
"""Identifier system of ECG recordings: the hash of what was recorded, whoever sent it."""

EXT_CAMPUS = "urn:hutong:ext:campus"
EXT_V2_STATUS = "urn:hutong:ext:v2-status"
EXT_ORIGINAL_TEXT = "urn:hutong:ext:original-text"
EXT_CLOCK = "urn:hutong:ext:clock"
"""When what a message said was so: decides which of two messages is the newer one."""
EXT_SAMPLING_RATE = "urn:hutong:ext:sampling-rate"
"""Samples a second: the period in milliseconds may have no end."""
EXT_ECG_FILTER = "urn:hutong:ext:ecg-filter"
"""`high-pass`, `low-pass` and `notch` in Hz."""
EXT_LINK_BASIS = "urn:hutong:ext:link-basis"
"""What joins the Patients of a Person: `rule` or `hand`."""

EXT_NUMBER_OF_FRAMES = "urn:hutong:ext:number-of-frames"

EXT_ANALYSIS_TIME = "http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time"
EXT_SUB_ID = "http://hl7.org/fhir/StructureDefinition/observation-v2-subid"
EXT_BIRTH_TIME = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
EXT_NAME_REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
EXT_R5_VALUE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value"
EXT_R5_REPORT_NOTE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note"


def identifier_system(campus: str, kind: str) -> str:
    """Return the system of a campus's numbers: pid, visit, placer, filler, report and so on."""
    return f"urn:hutong:{campus}:{kind}"


def item_system(campus: str) -> str:
    """Return the code system of a campus's own items (OBX-3, OBR-4)."""
    return f"urn:hutong:{campus}:item"


def v2_table(number: str) -> str:
    """Return the code system of an HL7 v2 table, "0074"."""
    return f"http://terminology.hl7.org/CodeSystem/v2-{number}"
