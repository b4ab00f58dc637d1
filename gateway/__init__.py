"""The FHIR R4 gateway; its layers are in docs/decisions/001-layers.md."""
