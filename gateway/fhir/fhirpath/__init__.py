"""FHIRPath (https://hl7.org/fhirpath/N1/) by the library fhirpathpy, with what it lacks."""
