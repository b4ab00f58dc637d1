"""What a page says of a resource: pure functions from FHIR dicts to small view records."""
