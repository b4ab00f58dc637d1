"""FHIR R4 itself, pure: no I/O beyond its own tables, no clock, no store."""
