"""A result made at one campus is found at another: the whole way, through real sockets."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.hl7v2.client import Answer, Client
from tests.end_to_end.messages import (
    CITIZEN,
    adt,
    order_resource,
    orm,
    oru,
    patient_resource,
    pid,
)
from tests.end_to_end.test_kill import wait_until_empty
from tests.running import ANSWER_SECONDS, BOOTSTRAP, Gateway, entries, gateway
from tests.waiting import PATIENCE, eventually


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("consortium") / "data"
    with gateway(folder) as running:
        for code in ("A", "B", "C"):
            running.campus(code, "--sender", code)
        yield running


def send(consortium: Gateway, *messages: bytes) -> list[Answer]:
    async def all_of_them() -> list[Answer]:
        async with Client("127.0.0.1", consortium.mllp_port, timeout=PATIENCE) as client:
            return [await client.send(message) for message in messages]

    return asyncio.run(all_of_them())


def reports_for(consortium: Gateway, campus: str, placer: str) -> list[dict[str, Any]]:
    bundle = consortium.get(
        campus,
        "/fhir/ServiceRequest",
        identifier=f"urn:hutong:A:placer|{placer}",
        _revinclude="DiagnosticReport:based-on",
    )
    return entries(bundle, "DiagnosticReport")


@pytest.mark.parametrize("first", ["order", "result"])
def test_an_order_of_one_campus_finds_the_result_of_another(
    consortium: Gateway, first: str
) -> None:
    number, placer = f"A-{first}", f"ORD-{first}"
    name = {"order": "赵^甲", "result": "钱^乙"}[first]
    person = patient_resource("A", number, name=name)
    result = oru("B", first, pid("B", f"B-{first}", name=name), placer=f"{placer}^A", filler=first)

    def place_order() -> None:
        made = consortium.post("A", "/fhir/Patient", person)
        assert made.status_code == 201, made.text
        order = order_resource("A", placer, made.json()["id"])
        assert consortium.post("A", "/fhir/ServiceRequest", order).status_code == 201
        # The laboratory's own interface repeats the order: still one order and one patient.
        repeated = orm("A", f"{first}-orm", pid("A", number, name=name), f"{placer}^A")
        assert send(consortium, repeated)[0].code == "AA"

    def report() -> None:
        assert send(consortium, result)[0].code == "AA"

    for step in (place_order, report) if first == "order" else (report, place_order):
        step()
        wait_until_empty(consortium)

    (found,) = eventually(lambda: reports_for(consortium, "A", placer))
    orders = entries(
        consortium.get("A", "/fhir/ServiceRequest", identifier=f"urn:hutong:A:placer|{placer}"),
        "ServiceRequest",
    )
    assert len(orders) == 1
    assert found["basedOn"] == [{"reference": f"ServiceRequest/{orders[0]['id']}"}]
    assert campus_of(found) == "B"
    patients = consortium.get("A", "/fhir/Patient", identifier=f"urn:hutong:A:pid|{number}")
    assert len(entries(patients, "Patient")) == 1


def campus_of(resource: dict[str, Any]) -> str:
    (code,) = (
        one["valueCode"]
        for one in resource["meta"]["extension"]
        if one["url"] == "urn:hutong:ext:campus"
    )
    return str(code)


def test_a_search_by_one_number_finds_the_results_of_the_other(consortium: Gateway) -> None:
    consortium.post("A", "/fhir/Patient", patient_resource("A", "one-human"))
    send(consortium, oru("B", "one-human", pid("B", "one-human-at-b"), placer="", filler="OH1"))

    def found() -> list[dict[str, Any]]:
        return entries(
            consortium.get(
                "A",
                "/fhir/Observation",
                **{
                    "patient.identifier": "urn:hutong:A:pid|one-human",
                    "code": "http://loinc.org|2823-3",
                },
            ),
            "Observation",
        )

    (potassium,) = eventually(found)
    assert campus_of(potassium) == "B"
    assert potassium["valueQuantity"]["unit"] == "mmol/L"
    bundle = consortium.get(
        "A", "/fhir/Observation", **{"patient.identifier": "urn:hutong:A:pid|one-human"}
    )
    assert '"value":4.10' in bundle.text
    kinds = {entry["resource"]["resourceType"] for entry in bundle.json()["entry"]}
    assert {"OperationOutcome", "Person", "Patient"} <= kinds
    alone = consortium.get(
        "A",
        "/fhir/Observation",
        **{"patient.identifier": "urn:hutong:A:pid|one-human", "_linked": "false"},
    )
    assert entries(alone, "Observation") == []


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("name", {"name": "张^四"}),
        ("sex", {"sex": "F"}),
        ("birth date", {"birth": "19580308"}),
        ("number", {"citizen": CITIZEN[:-1] + "X"}),
    ],
)
def test_a_doubtful_likeness_is_never_linked(
    consortium: Gateway, what: str, told: dict[str, str]
) -> None:
    mark = what.replace(" ", "-")
    consortium.post("A", "/fhir/Patient", patient_resource("A", f"doubt-{mark}"))
    message = oru("C", mark, pid("C", f"doubt-{mark}", **told), placer="", filler=f"D-{mark}")
    assert send(consortium, message)[0].code == "AA"
    local = f"urn:hutong:C:pid|doubt-{mark}"
    assert eventually(
        lambda: entries(
            consortium.get("C", "/fhir/Observation", **{"patient.identifier": local}), "Observation"
        )
    )
    seen = entries(
        consortium.get(
            "A", "/fhir/Observation", **{"patient.identifier": f"urn:hutong:A:pid|doubt-{mark}"}
        ),
        "Observation",
    )
    assert all(campus_of(one) != "C" for one in seen)


def test_a_correction_makes_a_new_version_and_a_repetition_none(consortium: Gateway) -> None:
    patient = pid("B", "corrected", citizen="")
    first = oru("B", "c1", patient, placer="", filler="COR", status="P", potassium="2.6")
    final = oru("B", "c2", patient, placer="", filler="COR", potassium="2.6", at="20261120093000")
    fixed = oru(
        "B", "c3", patient, placer="", filler="COR", status="C", potassium="3.6",
        at="20261120103000",
    )  # fmt: skip
    assert [one.code for one in send(consortium, first, final, fixed, final, fixed)] == ["AA"] * 5

    def observation() -> dict[str, Any] | None:
        found = entries(
            consortium.get(
                "B",
                "/fhir/Observation",
                **{
                    "patient.identifier": "urn:hutong:B:pid|corrected",
                    "code": "http://loinc.org|2823-3",
                },
            ),
            "Observation",
        )
        return next((one for one in found if one["status"] == "corrected"), None)

    wait_until_empty(consortium)
    found = eventually(observation)
    assert found is not None
    assert found["valueQuantity"]["value"] == 3.6
    history = consortium.get("B", f"/fhir/Observation/{found['id']}/_history").json()["entry"]
    statuses = [entry["resource"]["status"] for entry in reversed(history)]
    assert statuses == ["preliminary", "final", "corrected"]


def test_a_merge_leads_the_old_number_to_the_survivor(consortium: Gateway) -> None:
    old, new = pid("B", "merge-old", citizen=""), pid("B", "merge-new", citizen="")
    send(
        consortium,
        oru("B", "m1", old, placer="", filler="M1"),
        adt("B", "A40", "m2", new, "MRG|merge-old^^^B^MR"),
        oru("B", "m3", old, placer="", filler="M3"),
    )

    def reports() -> list[dict[str, Any]]:
        found = entries(
            consortium.get(
                "B",
                "/fhir/DiagnosticReport",
                **{"patient.identifier": "urn:hutong:B:pid|merge-new"},
            ),
            "DiagnosticReport",
        )
        return found if len(found) == 2 else []

    assert eventually(reports)
    (gone,) = entries(
        consortium.get("B", "/fhir/Patient", identifier="urn:hutong:B:pid|merge-old"), "Patient"
    )
    assert gone["active"] is False


def test_every_caller_needs_a_token_and_its_scope(consortium: Gateway) -> None:
    nobody = httpx.get(f"{consortium.url}/fhir/Patient", timeout=ANSWER_SECONDS)
    assert nobody.status_code == 401
    assert nobody.json()["issue"][0]["code"] == "login"
    consortium.tokens["reader"] = consortium.command(
        "token", "issue", "--campus", "A", "--scope", "system/Patient.rs"
    )
    assert consortium.get("reader", "/fhir/Patient").status_code == 200
    for response in (
        consortium.get("reader", "/fhir/Observation"),
        consortium.post("reader", "/fhir/Patient", patient_resource("A", "x")),
    ):
        assert response.status_code == 403
        assert response.json()["issue"][0]["code"] == "forbidden"
    url = f"{consortium.url}/fhir/metadata"
    assert httpx.get(url, timeout=ANSWER_SECONDS).status_code == 200


def test_a_message_of_an_unknown_campus_is_refused_and_seen(consortium: Gateway) -> None:
    (answer,) = send(consortium, oru("NOBODY", "u1", pid("NOBODY", "1")))
    assert answer.code in {"AE", "AR"}
    assert b"ERR|" in answer.body
    assert eventually(lambda: "unknown" in consortium.command("alerts"))


def test_a_message_without_patient_is_kept_in_quarantine(consortium: Gateway) -> None:
    message = b"\r".join(
        line for line in oru("B", "q1", pid("B", "q")).split(b"\r") if not line.startswith(b"PID")
    )
    assert send(consortium, message)[0].code == "AA"
    listed = eventually(lambda: consortium.command("quarantine", "list"))
    assert "missing" in listed
    assert consortium.command("verify")


def test_the_page_asks_for_a_sign_in(consortium: Gateway) -> None:
    with httpx.Client(
        base_url=consortium.url, follow_redirects=True, timeout=ANSWER_SECONDS
    ) as browser:
        page = browser.get("/find")
        assert page.status_code == 200
        assert "令牌" in page.text
        browser.post("/sign-in", data={"token": consortium.tokens["A"], "person": "王医生"})
        assert "找" in browser.get("/find").text


def test_an_administrator_sees_the_capabilities(consortium: Gateway) -> None:
    headers = {"Authorization": f"Bearer {BOOTSTRAP}"}
    url = f"{consortium.url}/fhir/metadata"
    response = httpx.get(url, headers=headers, timeout=ANSWER_SECONDS)
    assert response.json()["resourceType"] == "CapabilityStatement"


def test_nothing_of_a_patient_is_in_the_log(consortium: Gateway) -> None:
    log = Path(consortium.log).read_text()
    for secret in (CITIZEN, "张", "one-human", "merge-old", *consortium.tokens.values()):
        assert secret not in log
