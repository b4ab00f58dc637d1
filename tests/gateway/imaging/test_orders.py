"""Whose order a study answers: the number says whose, the patient says whether."""

from tests.gateway.imaging.samples import accession, image

PID = "urn:hutong:{}:pid"


def order(number, patient, campus="A", kind="accession"):
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": f"urn:hutong:{campus}:{kind}", "value": number}],
        "status": "active",
        "intent": "order",
        "subject": {"reference": patient},
    }


def person(campus, number="B000123", name="王小东"):
    """The same human at another campus: same citizen ID, name, birth date, sex."""
    return {
        "resourceType": "Patient",
        "identifier": [
            {"system": PID.format(campus), "value": number},
            {"system": "urn:oid:2.16.156.10011.1.3", "value": "11010519491231002X"},
        ],
        "name": [{"text": name}],
        "birthDate": "1949-12-31",
        "gender": "female",
    }


def nobody(campus, number):
    """Somebody of whom no more is known."""
    own = {"system": PID.format(campus), "value": number}
    return {"resourceType": "Patient", "identifier": [own], "name": [{"text": "李四"}]}


async def linked(archive):
    """The patient at A and at B, certainly one human."""
    one = await archive.post(person("A", "A1"), "A")
    other = await archive.post(person("B"), "B")
    while await archive.follower.step():
        pass
    assert archive.store.link_set([one.id])[0] == {one.id, other.id}
    return f"Patient/{one.id}"


async def test_an_accession_number_with_issuer_leads_to_the_other_campuses_order(archive):
    patient = await linked(archive)
    for kind in ("accession", "placer"):
        placed = await archive.post(order(f"A-{kind}", patient, kind=kind), "A")
        study = 10 if kind == "accession" else 11
        await archive.hear(image(1, *accession(f"A-{kind}", "A"), study=study))
        found = await archive.all("ImagingStudy", basedon=f"ServiceRequest/{placed.id}")
        assert len(found) == 1, kind


async def test_an_order_of_another_patient_is_not_linked_but_asked_for(archive):
    stranger = await archive.post(nobody("A", "A2"), "A")
    await archive.post(order("A-7", f"Patient/{stranger.id}"), "A")
    await archive.hear(image(1, *accession("A-7", "A")))
    assert "basedOn" not in await archive.one("ImagingStudy")
    task = await archive.one("Task")
    assert task["groupIdentifier"] == {"system": "urn:hutong:A:accession", "value": "A-7"}


async def test_an_order_that_comes_later_is_linked_then(archive):
    patient = await linked(archive)
    await archive.hear(image(1, *accession("A-9", "A")))
    assert (await archive.one("Task"))["status"] == "requested"
    placed = await archive.post(order("A-9", patient, kind="placer"), "A")
    while await archive.follower.step():
        pass
    assert (await archive.one("Task"))["status"] == "completed"
    study = await archive.one("ImagingStudy")
    assert study["basedOn"] == [{"reference": f"ServiceRequest/{placed.id}"}]
    await archive.hear(image(2, *accession("A-9", "A")))
    study = await archive.one("ImagingStudy")
    assert study["basedOn"] == [{"reference": f"ServiceRequest/{placed.id}"}]
    assert study["numberOfInstances"] == 2


async def test_a_number_of_the_own_campus_finds_its_own_order_and_makes_none(archive):
    await archive.hear(image(1))
    assert not await archive.all("ServiceRequest")
    patient = await archive.one("Patient")
    placed = await archive.post(order("B-1", f"Patient/{patient['id']}", "B"), "B")
    await archive.hear(image(1, *accession("B-1"), study=2))
    found = await archive.all("ImagingStudy", basedon=f"ServiceRequest/{placed.id}")
    assert len(found) == 1


async def test_an_own_order_of_another_patient_leaves_the_study_without_order(archive):
    stranger = await archive.post(nobody("B", "B777"), "B")
    await archive.post(order("B-2", f"Patient/{stranger.id}", "B"), "B")
    await archive.hear(image(1, *accession("B-2")))
    assert "basedOn" not in await archive.one("ImagingStudy")
    assert ("order-of-another-patient", "B/CT-B") in archive.alerts()
