"""Messages of two hospitals, as their systems would send them."""

from datetime import datetime

CITIZEN = "331827195803071616"  # the area code was never given out
MORE = {"citizen": CITIZEN, "name": "张^三", "birth": "19580307", "sex": "M"}


def header(application: str, sender: str, at: str, kind: str, control: str) -> str:
    """An MSH segment."""
    ends = "|||||CHN|UNICODE UTF-8"
    return f"MSH|^~\\&|{application}|{sender}|HUTONG|HUTONG|{at}||{kind}|{control}|P|2.5.1{ends}"


def pid(campus: str, number: str, **more: str) -> str:
    """A PID segment; without `citizen` the ID card is left out."""
    told = MORE | more
    ids = f"{number}^^^{campus}^MR"
    if told["citizen"]:
        ids += f"~{told['citizen']}^^^CHN^NI"
    return f"PID|1||{ids}||{told['name']}||{told['birth']}|{told['sex']}"


def oru(sender: str, control: str, patient: str, **more: str) -> bytes:
    """An ORU^R01 with two observations; `placer` as in OBR-2."""
    told = {
        "placer": "ORD77^A",
        "filler": "F1",
        "status": "F",
        "potassium": "4.10",
        "at": "20261120083000",
        "extra": "",
    } | more
    at, status = told["at"], told["status"]
    lines = [
        header("LIS", sender, at, "ORU^R01^ORU_R01", control),
        patient,
        f"ORC|RE|{told['placer']}|{told['filler']}",
        f"OBR|1|{told['placer']}|{told['filler']}|DJZ^电解质^L|||{at}||||||||||||||||{at}||LAB|{status}",
        f"OBX|1|NM|K^钾^L^2823-3^Potassium^LN||{told['potassium']}|mmol/L|3.5-5.3|N|||{status}|||{at}",
        f"OBX|2|NM|NA^钠^L^2951-2^Sodium^LN||140|mmol/L|137-147|N|||{status}|||{at}",
    ]
    if told["extra"]:
        lines.append(told["extra"])
    return "\r".join(lines).encode()


def orm(sender: str, control: str, patient: str, placer: str) -> bytes:
    """An ORM^O01 that places one order."""
    return "\r".join(
        [
            header("HIS", sender, "20261120080000", "ORM^O01", control),
            patient,
            f"ORC|NW|{placer}||||||20261120080000",
            f"OBR|1|{placer}||DJZ^电解质^L",
        ]
    ).encode()


def adt(sender: str, event: str, control: str, *segments: str) -> bytes:
    """An ADT message."""
    now = datetime(2026, 11, 20, 8).strftime("%Y%m%d%H%M%S")  # noqa: DTZ001 - as senders write it
    return "\r".join(
        [
            header("HIS", sender, now, f"ADT^{event}", control),
            f"EVN|{event}|{now}",
            *segments,
        ]
    ).encode()


def patient_resource(campus: str, number: str, **more: str) -> dict[str, object]:
    """A Patient as a HIS POSTs it."""
    told = MORE | more
    family, _, given = told["name"].partition("^")
    birth = told["birth"]
    identifiers = [{"system": f"urn:hutong:{campus}:pid", "value": number}]
    if told["citizen"]:
        identifiers.append({"system": "urn:oid:2.16.156.10011.1.3", "value": told["citizen"]})
    return {
        "resourceType": "Patient",
        "identifier": identifiers,
        "name": [{"family": family, "given": [given], "text": family + given}],
        "gender": {"M": "male", "F": "female"}[told["sex"]],
        "birthDate": f"{birth[:4]}-{birth[4:6]}-{birth[6:]}",
    }


def order_resource(campus: str, number: str, patient_id: str) -> dict[str, object]:
    """A ServiceRequest as a HIS POSTs it."""
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": f"urn:hutong:{campus}:placer", "value": number}],
        "status": "active",
        "intent": "order",
        "code": {
            "coding": [{"system": f"urn:hutong:{campus}:item", "code": "DJZ"}],
            "text": "电解质",
        },
        "subject": {"reference": f"Patient/{patient_id}"},
        "authoredOn": "2026-11-20T08:00:00+08:00",
    }
