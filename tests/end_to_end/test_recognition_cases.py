"""The cases that recognition must get right, each through the doors of a running gateway.

Each comes from a rule of 国卫医发〔2022〕6号, or from a fault seen in the field.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateway.recognition.catalogue.starter import starter
from tests.end_to_end.messages import header
from tests.end_to_end.orders_and_results import ALT, Human, ago, draft, outcomes, rule
from tests.running import Gateway, gateway
from tests.signing import Signer
from tests.waiting import SLACK, eventually

RECALL_SECONDS = 2 + SLACK
LIVER = "24325-3"
KNEE = {"system": "urn:hutong:A:item", "code": "local"}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("county") / "data") as running:
        for code in "ABC":
            running.campus(code)
        yield running


@pytest.fixture
def human(county: Gateway) -> Human:
    return Human(county)


WRITTEN = {
    "Z": ("2026-11-01T01:00:00Z", "2026-11-15T01:00:00Z"),
    "+08:00": ("2026-11-01T09:00:00+08:00", "2026-11-15T01:00:00Z"),
    "half an hour's zone": ("2026-11-01T06:45:00+05:45", "2026-11-15T01:00:00Z"),
    "over a leap day": ("2024-02-20T09:00:00+08:00", "2024-03-05T01:00:00Z"),
}


@pytest.mark.parametrize(("collected", "end"), WRITTEN.values(), ids=WRITTEN)
def test_01_the_window_ends_to_the_second_however_its_time_is_written(
    human: Human, collected: str, end: str
) -> None:
    human.result(ALT, when=collected)
    edge = datetime.fromisoformat(end)
    assert human.trial(ALT[0], (edge - timedelta(seconds=1)).isoformat()) == "may-recognise"
    assert human.trial(ALT[0], (edge + timedelta(seconds=1)).isoformat()) == "reference-only"


def test_01_a_time_without_a_zone_is_the_campus_s(county: Gateway) -> None:
    """As laboratories send it: HL7 v2, no zone, reported hours after it was collected."""
    human = Human(county)
    body = "\r".join(
        [
            header("LIS", "B", "20261101130000", "ORU^R01^ORU_R01", "Z1"),
            f"PID|1||R{human.number}^^^B^MR~{human.citizen}^^^CHN^NI||病人{human.number}||19800506|F",
            "ORC|RE||ZF1",
            "OBR|1||ZF1|ALT^谷丙^L|||20261101090000|||||||||||||||20261101130000||LAB|F",
            "OBX|1|NM|ALT^谷丙^L^1742-6^ALT^LN||33|U/L|9-50|N|||F|||20261101090000",
        ]
    )
    assert _ingest(county, body) == 201
    edge = datetime.fromisoformat("2026-11-15T09:00:00+08:00")
    before, after = (edge + timedelta(seconds=one) for one in (-1, 1))
    assert human.trial(ALT[0], before.isoformat()) == "may-recognise"
    assert human.trial(ALT[0], after.isoformat()) == "reference-only"


def _ingest(county: Gateway, body: str) -> int:
    headers = {**county.as_campus("B"), "Content-Type": "text/plain"}
    sent = httpx.post(
        f"{county.url}/ingest/hl7v2", content=body.encode(), headers=headers, timeout=60
    )
    return sent.status_code


def test_02_who_recognised_a_result_hears_that_it_was_amended(human: Human) -> None:
    _, observation = human.result(ALT)
    (decision,) = human.check(ALT[0])
    assert human.answer(decision, "recognised").status_code == 200
    value = {**observation["valueQuantity"], "value": 335}
    human.changed("B", observation, status="corrected", valueQuantity=value)
    (task,) = eventually(human.recalls, RECALL_SECONDS)
    assert decision["id"] in json.dumps(task)


def test_03_a_mark_outlives_its_evidence_until_a_round_fails(
    county: Gateway, human: Human, tmp_path: Path
) -> None:
    _evidence(county, tmp_path, item="LAB.CYSC", passed="yes")
    human.result(("33863-2", 0.8, "mg/L"))
    (decision,) = human.check("33863-2")
    assert decision["outcome"] == "shall-recognise"
    assert decision["result"]["mark"]
    assert human.answer(decision, "recognised").status_code == 200
    _evidence(county, tmp_path, item="LAB.CYSC", passed="no")
    (task,) = eventually(human.recalls)
    assert decision["id"] in json.dumps(task)
    assert human.answer(decision, "quoted").status_code == 409


def _evidence(county: Gateway, folder: Path, **values: str) -> None:
    row = {
        "campus": "B",
        "scheme": "eqa",
        "organisation": "省临检中心",
        "scope": "province",
        "round": "2026-2",
        "starts": ago(days=300)[:10],
        "ends": (datetime.fromisoformat(ago()) + timedelta(days=1)).date().isoformat(),
        **values,
    }
    file = folder / "evidence.json"
    file.write_text(json.dumps({"evidence": [row]}))
    county.command("quality", "import", str(file))


@pytest.mark.parametrize(
    ("done", "modality", "same", "other"),
    [
        ("左膝关节正侧位DR", "DX", "左膝关节正侧位DR", "右膝关节正侧位DR"),
        ("左膝关节CT平扫", "CT", "左膝关节CT平扫", "右膝关节CT平扫"),
        ("胸部CT平扫", "CT", "胸部CT平扫", "胸部CT增强"),
    ],
)
def test_04_another_side_or_technique_is_another_examination(
    human: Human, done: str, modality: str, same: str, other: str
) -> None:
    report = human.examined(done, modality)
    found, missed = human.check({**KNEE, "name": same}, {**KNEE, "name": other})
    assert report["id"] in json.dumps(found)
    assert (missed["outcome"], missed.get("result")) == ("not-eligible", None)


def test_04_another_view_is_another_examination(human: Human) -> None:
    human.examined("胸部侧位DR", "DX")
    (decision,) = human.check({**KNEE, "name": "胸部正位DR"})
    assert decision.get("result") is None


def test_04_whole_blood_is_no_serum(human: Human) -> None:
    human.result(("14749-6", 5.1, "mmol/L"), kind="BLD")
    (decision,) = human.check("14749-6")
    assert decision["outcome"] in {"reference-only", "not-eligible"}
    assert rule(decision, "COMP") != "pass"


def test_05_a_value_in_a_unit_of_another_kind_is_shown_not_recognised(human: Human) -> None:
    human.result(("14682-9", 0.9, "mg/dL"))
    (decision,) = human.check("14682-9")
    assert (decision["outcome"], rule(decision, "COMP")) == ("reference-only", "fail")


@pytest.mark.parametrize("status", ["preliminary", "registered", "cancelled"])
def test_06_what_is_not_final_is_not_recognised(human: Human, status: str) -> None:
    human.result(ALT, status=status)
    (decision,) = human.check(ALT[0])
    assert decision["outcome"] == "not-eligible"


def test_06_what_was_entered_in_error_is_not_recognised(human: Human) -> None:
    report, observation = human.result(ALT)
    for one in (observation, report):
        human.changed("B", one, status="entered-in-error")
    (decision,) = human.check(ALT[0])
    assert decision["outcome"] == "not-eligible"


def test_06_a_haemolysed_specimen_is_not_recognised(human: Human) -> None:
    human.result(("2823-3", 4.8, "mmol/L"), note=[{"text": "标本溶血"}], when=ago(hours=2))
    (decision,) = human.check("2823-3")
    assert decision["outcome"] not in {"shall-recognise", "may-recognise"}


def test_07_of_a_panel_only_the_rest_is_ordered(human: Human) -> None:
    parts = _parts(LIVER)
    human.result(*parts[2:], code=LIVER)
    (decision,) = human.check(LIVER)
    assert decision["outcome"] == "may-recognise"
    assert len(decision["residual"]) == 2
    (card,) = human.sign(draft(LIVER))
    (suggestion,) = card["suggestions"]
    kinds = [action["type"] for action in suggestion["actions"]]
    assert kinds == ["delete", "create", "create"]
    left = {action["resource"]["code"]["coding"][0]["code"] for action in suggestion["actions"][1:]}
    assert left == {one["code"] for one in decision["residual"]}


def _parts(loinc: str) -> list[tuple[str, float, str]]:
    """The analytes of a panel of the catalogue: LOINC code, a value, its unit."""
    items = {item.code: item for item in starter().items}
    panel = next(item for item in items.values() if loinc in item.loinc and item.parts)
    return [(items[code].loinc[0], 5.0, items[code].unit) for code in panel.parts]


def test_08_an_open_critical_value_comes_first_and_suggests_nothing(human: Human) -> None:
    human.result(ALT)
    human.result(("2823-3", 2.1, "mmol/L"), when=ago(hours=2))
    cards = human.sign(draft(ALT[0]), draft("2823-3", "d2"))
    assert [card["indicator"] for card in cards] == ["critical", "info"]
    assert cards[0]["extension"]["hutong"]["outcome"] == "context-critical"
    assert "suggestions" not in cards[0]


def test_09_a_newer_result_that_will_not_do_caps_the_older_one_and_is_named(human: Human) -> None:
    human.result(ALT, when=ago(days=3))
    newer, *_ = human.result(ALT, when=ago(days=1), status="preliminary")
    (decision,) = human.check(ALT[0])
    assert decision["outcome"] == "reference-only"
    assert decision["reason"]["code"] == "newer-not-eligible"
    assert newer["id"] in json.dumps(decision) or decision["others"]


def test_10_without_a_certain_link_nothing_is_recognised(county: Gateway) -> None:
    human = Human(county, joined=False)
    human.result(ALT)
    (decision,) = human.check(ALT[0])
    assert (decision["outcome"], decision.get("result")) == ("not-eligible", None)


def test_10_a_link_that_is_cut_withdraws_what_it_gave(county: Gateway) -> None:
    human = Human(county, joined=False)
    human.result(ALT)
    pair = (human.ids["A"], human.ids["B"])
    county.command("patient", "link", *pair, "--reason", "same person")
    (decision,) = human.check(ALT[0])
    assert decision["outcome"] == "may-recognise"
    assert human.answer(decision, "recognised").status_code == 200
    county.command("patient", "unlink", *pair, "--reason", "two persons")
    (task,) = eventually(human.recalls)
    assert decision["id"] in json.dumps(task)
    assert human.answer(decision, "quoted").status_code == 409
    assert human.check(ALT[0])[0].get("result") is None


def test_11_a_hidden_result_gives_exactly_the_answer_of_none(county: Gateway) -> None:
    without, hidden = Human(county), Human(county)
    hidden.result(("56888-1", 12.0, "{s_co_ratio}"))
    answers = []
    for human in (without, hidden):
        whole = human.asked("56888-1")
        for decision in whole["decisions"]:
            decision.pop("id", None)
        answers.append((whole, human.sign(draft("56888-1"))))
    assert answers[0] == answers[1]


def test_12_a_double_click_counts_once(human: Human) -> None:
    human.result(ALT)
    cards = [human.sign(draft(ALT[0], id_))[0] for id_ in ("d1", "d1", "d2")]
    assert len({card["uuid"] for card in cards}) == 1
    piece = {
        "card": cards[0]["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": cards[0]["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": "2026-11-20T08:00:00Z",
    }
    said = [human.feedback(piece).json()["feedback"][0]["status"] for _ in range(2)]
    assert said == ["recorded", "repeated"]


def test_13_whoever_ignores_the_card_and_signs_has_not_answered(human: Human) -> None:
    human.result(ALT)
    (card,) = human.sign(draft(ALT[0]))
    order = {**draft(ALT[0]), "status": "active"}
    order["subject"] = {"reference": f"Patient/{human.ids['A']}"}
    human.made("A", order)
    kept = human.kept({"id": card["uuid"]})
    assert kept["state"]["choice"] == ""
    assert [one["outcome"] for one in kept["answers"]] == ["ordered"]


def test_14_recognised_revoked_and_recognised_again(human: Human) -> None:
    human.result(ALT)
    (decision,) = human.check(ALT[0])
    said = [human.answer(decision, one) for one in ("recognised", "revoked", "recognised")]
    assert [one.json()["state"]["choice"] for one in said] == [
        "recognised",
        "revoked",
        "recognised",
    ]


def test_15_reasons_98_and_99_are_no_refusals(county: Gateway) -> None:
    listed = county.get("A", "/recognition/reasons").json()["reasons"]
    uncounted = {one["code"] for one in listed if not one["countsAsRefusal"]}
    assert uncounted == {"98", "99"}


def test_16_a_silent_campus_is_said_never_a_false_none(county: Gateway) -> None:
    human = Human(county)
    _ingest(county, header("LIS", "B", "20261101130000", "ORU^R01^ORU_R01", "S1"))
    county.command("channel", "set", "B/LIS", "silent-after=1s")
    try:
        silent = eventually(lambda: human.asked(ALT[0])["coverage"]["silent"])
        assert [one["campus"] for one in silent] == ["B"]
        (card,) = human.sign(draft(ALT[0]))
        assert card["indicator"] == "info"
    finally:
        county.command("channel", "set", "B/LIS", "silent-after=")


def test_18_the_own_campus_s_duplicate_is_shown_as_its_own(human: Human) -> None:
    human.result(ALT, campus="A")
    (decision,) = human.check(ALT[0])
    assert decision["outcome"] in {"shall-recognise", "may-recognise"}
    assert decision["own"] is True


def test_19_a_decision_stays_with_the_catalogue_that_it_was_made_by(
    county: Gateway, human: Human, tmp_path: Path
) -> None:
    human.result(("1920-8", 30, "U/L"))
    (before,) = human.check("1920-8")
    file = tmp_path / "catalogue.json"
    county.command("catalogue", "export", str(file))
    text = file.read_text().replace("天门冬氨酸氨基转移酶", "天冬氨酸氨基转移酶(新)")
    file.write_text(text)
    county.command("catalogue", "import", str(file), "--approver", "质控办")
    after = eventually(lambda: _renamed(human))
    assert after["catalogue"] > before["catalogue"]
    kept = human.kept(before, "?replay=true")
    assert kept["replay"]["same"] is True
    assert kept["item"]["display"] == "天门冬氨酸氨基转移酶"
    assert outcomes([kept]) == outcomes([before])


def _renamed(human: Human) -> dict[str, object] | None:
    (found,) = human.check("1920-8")
    return found if found["item"]["display"].endswith("(新)") else None


def test_a_client_registered_by_command_signs_its_calls(
    county: Gateway, human: Human, tmp_path: Path
) -> None:
    """What it signs is taken by whichever process it reaches, once, and no more when revoked."""
    human.result(ALT)
    signer = Signer("https://his.example.org")
    keys = tmp_path / "jwks.json"
    keys.write_text(signer.jwks)
    arguments = ("--campus", "A", "--issuer", signer.issuer, "--jwks", str(keys))
    county.command("cds-client", "add", *arguments)
    service = f"{county.url}/cds-services/recognition-patient-view"

    def call(token: str) -> int:
        context = {"userId": "Practitioner/li", "patientId": f"urn:hutong:A:pid|R{human.number}"}
        body = {"hook": "patient-view", "hookInstance": str(uuid.uuid4()), "context": context}
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.post(service, json=body, headers=headers, timeout=60).status_code

    assert eventually(lambda: call(signer.token(service)) == 200)
    token = signer.token(service)
    assert sorted(call(token) for _ in range(4)) == [200, 401, 401, 401]
    county.command("cds-client", "revoke", signer.issuer)
    assert eventually(lambda: call(signer.token(service)) == 401)
