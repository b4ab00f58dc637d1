"""Where a campus's images are fetched: one Endpoint for all its studies.

https://hl7.org/fhir/R4/endpoint.html
"""

from mappers.base import Draft, Key, Resource
from mappers.dicom.context import Context
from mappers.names import CONNECTION_TYPE, PAYLOAD_TYPE, identifier_system

KIND = "endpoint"
VALUE = "dicom-web"


def endpoint_key(campus: str) -> Key:
    """Return the key of a campus's Endpoint."""
    return Key("Endpoint", identifier_system(campus, KIND), VALUE)


def to_endpoint(address: str, context: Context, clock: str) -> Draft:
    """Return the Endpoint of DICOMweb."""
    key = endpoint_key(context.campus)
    endpoint: Resource = {
        **context.resource("Endpoint"),
        "identifier": [{"system": key.system, "value": key.value}],
        "status": "active",
        "connectionType": {"system": CONNECTION_TYPE, "code": "dicom-wado-rs"},
        "name": "DICOMweb",
        "payloadType": [
            {"coding": [{"system": PAYLOAD_TYPE, "code": "none"}], "text": "DICOM WADO-RS"}
        ],
        "payloadMimeType": ["application/dicom"],
        "address": address,
    }
    return Draft(key, endpoint, clock, 0)
