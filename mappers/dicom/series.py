"""Series and instances of a study.

Follows the mapping "dicom" of R4's ImagingStudy; where we leave it, a comment says why.
"""

from collections.abc import Sequence

from adapters.dicom import Instance
from mappers.base import Resource
from mappers.codes import table
from mappers.dicom.context import DCM, Context
from mappers.dicom.person import display
from mappers.names import EXT_NUMBER_OF_FRAMES, PARTICIPATION_TYPE, SNOMED

LATERALITY = {
    "L": ("419161000", "Unilateral left"),
    "R": ("419465000", "Unilateral right"),
    "B": ("51440002", "Bilateral"),
}
"""The value set of series.laterality; U, unpaired, has no side."""
BODY_PARTS = table("body_parts")
URI = "urn:ietf:rfc:3986"
UNKNOWN_MODALITY = "OT"


def to_series(instances: Sequence[Instance], context: Context) -> Resource:
    """Return one series with its instances."""
    first = instances[0]
    series: Resource = {"uid": first.series_instance_uid}
    if (number := context.number(first.series_number, "(0020,0011)")) is not None:
        series["number"] = number
    series["modality"] = {"system": DCM, "code": modality(first, context)}
    if first.series_description:
        series["description"] = first.series_description
    series["numberOfInstances"] = len(instances)
    if site := _body_site(first, context):
        series["bodySite"] = site
    side = LATERALITY.get((first.laterality or first.image_laterality).upper())
    if side:
        series["laterality"] = {"system": SNOMED, "code": side[0], "display": side[1]}
    if started := _started(first, context):
        series["started"] = started
    if performers := _performers(first):
        series["performer"] = performers
    ordered = sorted(instances, key=_order)
    series["instance"] = [to_instance(one, context) for one in ordered]
    return series


def modality(instance: Instance, context: Context) -> str:
    """Return the modality; FHIR wants one, so without any it is "other"."""
    code = "".join(instance.modality.split()).upper()
    if not code:
        context.note("no-modality", "(0008,0060)")
    return code or UNKNOWN_MODALITY


def _order(instance: Instance) -> tuple[int, str]:
    number = instance.instance_number
    is_number = number.isascii() and number.isdigit()
    return int(number) if is_number else 2**31, instance.sop_instance_uid


def _body_site(first: Instance, context: Context) -> Resource:
    for entry in first.anatomic_region:
        if coding := context.coding(entry):
            return coding
    if not first.body_part_examined:
        return {}
    if known := BODY_PARTS.get(first.body_part_examined.upper()):
        return {"system": SNOMED, "code": known[0], "display": first.body_part_examined}
    # Free text, often in Chinese: a code it is not.
    return {"display": first.body_part_examined}


def _started(first: Instance, context: Context) -> str:
    offset = first.timezone_offset_from_utc
    pairs = (
        (first.series_date, first.series_time, "(0008,0021)"),
        (first.acquisition_date, first.acquisition_time, "(0008,0022)"),
    )
    for date, time, place in pairs:
        if date and (found := context.moment(date, time, offset, place)):
            return found.text
    return ""


def _performers(first: Instance) -> list[Resource]:
    """Return who and what made the series, by name."""
    device = " ".join(filter(None, (first.manufacturer, first.manufacturer_model_name)))
    found = [
        ("PRF", {"display": display(first.performing_physician_name)}),
        ("SPRF", {"display": display(first.operators_name)}),
        ("DEV", {"type": "Device", "display": device}),
    ]
    return [
        {"function": {"coding": [{"system": PARTICIPATION_TYPE, "code": code}]}, "actor": actor}
        for code, actor in found
        if actor["display"]
    ]


def to_instance(instance: Instance, context: Context) -> Resource:
    """Return one instance."""
    element: Resource = {
        "uid": instance.sop_instance_uid,
        "sopClass": {"system": URI, "code": f"urn:oid:{instance.sop_class_uid}"},
    }
    frames = context.number(instance.number_of_frames, "(0028,0008)")
    if frames is not None:
        extension = {"url": EXT_NUMBER_OF_FRAMES, "valueUnsignedInt": frames}
        element = {"extension": [extension], **element}
    if (number := context.number(instance.instance_number, "(0020,0013)")) is not None:
        element["number"] = number
    if title := _title(instance):
        element["title"] = title
    return element


def _title(instance: Instance) -> str:
    concept = instance.concept_name[0].code_meaning if instance.concept_name else ""
    image = "\\".join(instance.image_type)
    return concept or instance.content_label or instance.document_title or image
