"""One module a page: its route, its context, its FHIR twin."""
