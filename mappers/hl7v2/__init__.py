"""HL7 v2 records to FHIR R4; the rules are docs/reference/hl7v2-mapping.md."""

from mappers.hl7v2.events import EVENTS, event_of, to_fhir

__all__ = ["EVENTS", "event_of", "to_fhir"]
