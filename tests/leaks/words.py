"""The words of the two worlds, and how resources are made of them."""

from fixtures.dicom.write import ROOT

LOINC = "http://loinc.org"
GLUCOSE, HIV = "2345-7", "10351-5"
MARK = "Zyxwhidden"
STUDY = f"{ROOT}.9"
CITIZEN = "urn:oid:2.16.156.10011.1.3"
MESSAGE = (
    f"MSH|^~\\&|LIS|A|HUTONG|X|20260501080000||ORU^R01|{MARK}|P|2.5\r"
    f"PID|||hid-5^^^A^MR||{MARK}^X||19800101|M\r"
)


def concept(code, system=LOINC, text=""):
    found = {"coding": [{"system": system, "code": code}]}
    return found | ({"text": text} if text else {})


def reference(name):
    return {"reference": name}


def observation(id_, code, subject, **more):
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": concept(code),
        "subject": reference(subject),
        "effectiveDateTime": "2026-05-01T08:00:00+08:00",
        **more,
    }


def marked(number):
    """What a hidden resource is found by: an identifier and words of its own."""
    return {
        "identifier": [{"system": "urn:hid", "value": f"hid-{number}"}],
        "text": {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{MARK}</div>',
        },
    }


ABOUT_PA = reference("Patient/pa")
