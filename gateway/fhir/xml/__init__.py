"""FHIR's XML: the same resources, other brackets."""

from gateway.fhir.xml.decode import decode
from gateway.fhir.xml.encode import encode

__all__ = ["decode", "encode"]
