"""The HTTP face: FHIR routes, health, metrics."""
