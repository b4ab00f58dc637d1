"""SPM, or OBR-15 where there is none, to Specimen.

Follows the map "SPM[Specimen]" of the HL7 v2-to-FHIR guide.
"""

from adapters.hl7v2 import OBR, SPM, Segment
from mappers.base import Draft, Key, Resource
from mappers.hl7v2.context import Context
from mappers.hl7v2.datatypes import concept, concepts, identifier, practitioners, real
from mappers.hl7v2.notes import to_annotations
from mappers.numbers import number
from mappers.units import unit
from mappers.values import quantity

UNMAPPED = (3, 5, 9, 10, 11, 13, 15, 16, 19, 22, 23, 25, 26, 28, 29, 31, 32, 33, 34, 35)


def specimen_number(spm: SPM) -> str:
    """Return the number on the tube: the filler's, else the placer's."""
    pair = spm.specimen_id
    return real(
        pair.filler_assigned_identifier.entity_identifier,
        pair.placer_assigned_identifier.entity_identifier,
    )


def to_specimen(
    segment: Segment, key: Key, patient: Key, notes: list[Segment], context: Context
) -> Draft:
    """Return the Specimen that one SPM describes."""
    spm = segment.read(SPM)
    specimen = context.resource("Specimen")
    specimen["identifier"] = [identifier(key.system, key.value)]
    _describe(spm, specimen, context)
    specimen["subject"] = {"reference": str(patient)}
    if received := context.moment(spm.specimen_received_date_time, segment.place(18)):
        specimen["receivedTime"] = received.text
    if collection := _collection(spm, context, segment):
        specimen["collection"] = collection
    if container := _container(spm, context):
        specimen["container"] = [container]
    if condition := concepts(spm.specimen_condition, context.campus):
        specimen["condition"] = condition
    if annotations := _notes(spm, notes, context):
        specimen["note"] = annotations
    context.unmapped(segment, UNMAPPED)
    return Draft(key, specimen, context.clock, 0)


def _describe(spm: SPM, specimen: Resource, context: Context) -> None:
    if accession := real(*(cx.id_number for cx in spm.accession_id)):
        specimen["accessionIdentifier"] = {"value": accession}
    if status := _status(spm):
        specimen["status"] = status
    if kind := concept(spm.specimen_type, context.campus):
        specimen["type"] = kind


def _notes(spm: SPM, notes: list[Segment], context: Context) -> list[Resource]:
    reasons = [real(reason.text, reason.identifier) for reason in spm.specimen_reject_reason]
    texts = [*reasons, *map(real, spm.specimen_description)]
    return [*to_annotations(notes, context), *({"text": text} for text in texts if text)]


def _status(spm: SPM) -> str:
    # R4 has no place for SPM-21, the reason of a rejection: the status says it, a note tells why.
    if any(spm.specimen_reject_reason):
        return "unsatisfactory"
    return {"Y": "available", "N": "unavailable"}.get(spm.specimen_availability, "")


def _collection(spm: SPM, context: Context, segment: Segment) -> Resource:
    collection: Resource = {}
    span = spm.specimen_collection_date_time
    start = context.moment(span.range_start_date_time, segment.place(17))
    end = context.moment(span.range_end_date_time, segment.place(17))
    if start and end and end != start:
        collection["collectedPeriod"] = {"start": start.text, "end": end.text}
    elif start:
        collection["collectedDateTime"] = start.text
    amount = spm.specimen_collection_amount
    if value := number(amount.quantity):
        text = real(amount.units.identifier, amount.units.text)
        collection["quantity"] = quantity(value, unit(text))
    if method := concept(spm.specimen_collection_method, context.campus):
        collection["method"] = method
    if site := concept(spm.specimen_source_site, context.campus):
        collection["bodySite"] = site
    return collection


def _container(spm: SPM, context: Context) -> Resource:
    container: Resource = {}
    if kind := concept(spm.container_type, context.campus):
        container["type"] = kind
    if additives := concepts(spm.specimen_additives, context.campus):
        container["additiveCodeableConcept"] = additives[0]
    return container


def from_obr(segment: Segment, obr: OBR, key: Key, patient: Key, context: Context) -> Draft | None:
    """Return the Specimen that OBR-15 describes, None if it says nothing."""
    source = obr.specimen_source
    kind = concept(source.specimen_source_name_or_code, context.campus)
    if not kind:
        return None
    specimen = context.resource("Specimen")
    specimen["identifier"] = [identifier(key.system, key.value)]
    specimen["type"] = kind
    specimen["subject"] = {"reference": str(patient)}
    if received := context.moment(obr.specimen_received_date_time, segment.place(14)):
        specimen["receivedTime"] = received.text
    collection: Resource = {}
    if collector := practitioners(obr.collector_identifier, context.campus):
        collection["collector"] = collector[0]
    if collected := context.moment(obr.observation_date_time, segment.place(7)):
        collection["collectedDateTime"] = collected.text
    if site := concept(source.body_site, context.campus):
        collection["bodySite"] = site
    if collection:
        specimen["collection"] = collection
    return Draft(key, specimen, context.clock, 0)
