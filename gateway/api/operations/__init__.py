"""The operations of the FHIR API, one file each; `gateway.api.operations.table` lists them."""
