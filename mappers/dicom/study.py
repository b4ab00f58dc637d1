"""All instances of one study to ImagingStudy, with its patient, its endpoint and its order.

Follows the mapping "dicom" of R4's ImagingStudy and HL7 Europe Imaging R4 1.0.0-ballot; where we
leave them, a comment says why.
"""

from collections.abc import Iterable, Sequence

from adapters.dicom import Instance
from mappers.base import Account, Draft, Key, Mapped, OrderLink, Resource, Source
from mappers.dicom.context import DCM, Context
from mappers.dicom.endpoint import to_endpoint
from mappers.dicom.patient import patient_key, to_patient
from mappers.dicom.person import display
from mappers.dicom.series import modality, to_series
from mappers.marks import split
from mappers.names import EXT_CLAIMED_MARK, STUDY_UID, v2_table

EVENT = "study"
NOT_ACQUIRED = frozenset(
    {
        *("AU", "DOC", "FID", "HC", "KER", "KO", "OAM", "OPM", "OPR", "OSS", "PLAN", "PR", "REG"),
        *("RESP", "ROI", "RTDOSE", "RTPLAN", "RTRECORD", "RTSTRUCT", "RWV", "SEG", "SMR", "SR"),
        *("SRF", "STAIN", "TEXTUREMAP", "VA"),
    }
)
"""Modalities that acquire nothing: not in CID 29 of PS3.16, so no modality of a study."""
ACCESSION = ("accession", "placer")
"""Under which kinds of number an order is looked up by an accession number."""
MAX_ACCESSION = 64


def study_key(study_instance_uid: str) -> Key:
    """Return the key of a study, the same for every campus."""
    return Key("ImagingStudy", STUDY_UID, f"urn:oid:{study_instance_uid}")


def to_fhir(instances: Sequence[Instance], source: Source, address: str, clock: str) -> Mapped:
    """Return what the instances of one study are; `address` is that of DICOMweb."""
    context = Context(source)
    first = instances[0]
    patient = to_patient(patient_key(first, context), first, context, clock)
    endpoint = to_endpoint(address, context, clock)
    study = _study(instances, context)
    study["subject"] = _subject(patient.key, first)
    study["endpoint"] = [{"reference": str(endpoint.key)}]
    draft = Draft(study_key(first.study_instance_uid), _in_order(study), clock, 0)
    for one in instances:
        for finding in one.findings:
            context.note(finding.code, finding.place)
    return Mapped(
        EVENT,
        drafts=(patient, endpoint, draft),
        orders=_orders(draft.key, first, context),
        account=Account({"instance": len(instances)}, {"ImagingStudy": 1}),
        notes=context.notes(),
    )


def _study(instances: Sequence[Instance], context: Context) -> Resource:
    first = instances[0]
    by_series: dict[str, list[Instance]] = {}
    for one in instances:
        by_series.setdefault(one.series_instance_uid, []).append(one)
    study = context.resource("ImagingStudy")
    study["identifier"] = _identifiers(first, context)
    study["status"] = "available"
    if acquired := _modalities(by_series.values(), context):
        study["modality"] = acquired
    started = context.moment(
        first.study_date, first.study_time, first.timezone_offset_from_utc, "(0008,0020)"
    )
    if started:
        study["started"] = started.text
    if referrer := display(first.referring_physician_name):
        study["referrer"] = {"display": referrer}
    if first.admission_id:
        number = {"system": context.system("visit"), "value": first.admission_id}
        study["encounter"] = {"type": "Encounter", "identifier": number}
    # Counted here: (0020,1206) and (0020,1208) say what somebody hoped for.
    study["numberOfSeries"] = len(by_series)
    study["numberOfInstances"] = len(instances)
    _describe(study, first, context)
    series = [to_series(members, context) for members in by_series.values()]
    study["series"] = sorted(series, key=lambda one: (one.get("number", 2**31), one["uid"]))
    return study


def _describe(study: Resource, first: Instance, context: Context) -> None:
    """Set what was asked for and done; a mark of recognition in its name is only claimed."""
    if codes := _procedure(first, context):
        study["procedureCode"] = codes
    description, claimed = split(first.study_description.replace("\\", " "))
    if description:
        study["description"] = description
    if claimed := claimed or split(first.requested_procedure_description)[1]:
        study["extension"] = [{"url": EXT_CLAIMED_MARK, "valueString": claimed}]


ORDER = (
    *(
        "resourceType",
        "meta",
        "extension",
        "identifier",
        "status",
        "modality",
        "subject",
        "encounter",
    ),
    *("started", "referrer", "endpoint", "numberOfSeries", "numberOfInstances"),
    *("procedureCode", "description", "series"),
)


def _in_order(study: Resource) -> Resource:
    return {name: study[name] for name in ORDER if name in study}


def _identifiers(first: Instance, context: Context) -> list[Resource]:
    found: list[Resource] = [
        {"use": "official", "system": STUDY_UID, "value": f"urn:oid:{first.study_instance_uid}"}
    ]
    if number := first.accession_number[:MAX_ACCESSION]:
        campus = context.authority(first.issuer_of_accession_number)
        kind = {"coding": [{"system": v2_table("0203"), "code": "ACSN"}]}
        system = context.system("accession", campus)
        found.append({"type": kind, "system": system, "value": number})
    return found


def _modalities(series: Iterable[Sequence[Instance]], context: Context) -> list[Resource]:
    codes = {modality(members[0], context) for members in series}
    return [{"system": DCM, "code": code} for code in sorted(codes - NOT_ACQUIRED)]


def _procedure(first: Instance, context: Context) -> list[Resource]:
    if found := context.concepts(first.procedure_code or first.requested_procedure_code):
        return found
    text = split(first.requested_procedure_description)[0]
    return [{"text": text}] if text else []


def _subject(key: Key, first: Instance) -> Resource:
    """Return whom the study is about; the number as written stays beside the reference."""
    subject: Resource = {"reference": str(key)}
    if first.patient_id:
        subject["identifier"] = {"system": key.system, "value": key.value}
    return subject


def _orders(study: Key, first: Instance, context: Context) -> tuple[OrderLink, ...]:
    """Return the link to the order that the accession number names."""
    number = first.accession_number[:MAX_ACCESSION]
    if not number:
        return ()
    issuer = first.issuer_of_accession_number
    campus = context.authority(issuer)
    named = bool(issuer.local_namespace_entity_id or issuer.universal_entity_id)
    if not named:
        campus = context.source.orders_from
    if campus == context.campus:
        campus = ""
    return (OrderLink(study, campus, number, kinds=ACCESSION),)
