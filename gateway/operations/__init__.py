"""What the FHIR API computes beyond read, write and search; every read goes through the door."""
