"""Typed records of the source standards to FHIR R4, without I/O or clock."""
