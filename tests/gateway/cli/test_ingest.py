"""`hutong ingest` and `hutong patient`."""

import pytest

from gateway.identity.persons import basis, linked
from tests.gateway.ingest.messages import ZHANG, adt, header, oru, pid
from tests.gateway.store.samples import serving


@pytest.fixture
def county(hutong):
    for code in "AB":
        hutong("campus", "add", code, "--name", f"{code} hospital")
    return hutong


@pytest.fixture
def file(tmp_path):
    def written(*messages):
        path = tmp_path / "messages.hl7"
        path.write_text("".join(messages), newline="")
        return path

    return written


def test_a_file_is_taken_in_and_its_outcome_told(county, file):
    assert county("ingest", file(oru())).lines == ["messages.hl7 1: stored, 5 resources written"]
    assert county("ingest", file(oru())).lines == ["messages.hl7 1: taken in before"]
    again = file(oru(control="2"))
    assert county("ingest", again).lines == ["messages.hl7 1: nothing changed"]


def test_several_messages_of_a_file_are_told_one_by_one(county, file):
    second = oru(filler="R2", control="2")
    assert len(county("ingest", file(oru(), second)).lines) == 2


def test_the_campus_may_be_named(county, file):
    assert county("ingest", file(oru(sender="X", who=pid("1"))), "--campus", "B").lines


def test_what_is_refused_or_quarantined_is_told_and_is_a_failure(county, file):
    told = county("ingest", file(oru(sender="X")), code=1, silent=True).out
    assert "refused" in told
    bad = "\r".join([header("ORU^R01"), "OBR|1||R1|X", ""])
    told = county("ingest", file(bad), code=1, silent=True).out
    assert "quarantined: missing-pid" in told


def test_an_unknown_format_is_no_format(county, file):
    assert "hl7v2" in county("ingest", file(oru()), "--format", "x", code=1).error


def people(within, decided=None):
    async def work(store):
        rows = store.fetch("outbox_after", (0, 1000))
        names = {(type_, key) for _, type_, key, *_ in rows}
        found = [store.by_integer(key) for _, key in sorted(names)]
        return [
            one.resource()
            for one in found
            if one.type == "Person" and not one.deleted and decided in {None, basis(one.resource())}
        ]

    return within(work)


def two(county, file, **b):
    """Two Patients, of whom nobody knows that they are one."""
    county(
        "ingest",
        file(
            adt("A01", sender="A", who=pid("1^^^A^MR", "张^三")),
            adt("A01", sender="B", who=pid("77^^^B^MR", **b)),
        ),
    )


def test_a_link_by_hand_joins_two_patients_and_is_audited(county, file, within):
    two(county, file, name="张^叁")
    county("patient", "link", "A/1", "B/77", "--reason", "same passport")
    (person,) = people(within)
    assert len(linked(person)) == 2

    async def reasons(store):
        return b"".join(row[4] for row in store.fetch("audit_after", (0, 1000)))

    assert b"same passport" in within(reasons)


def test_a_link_by_hand_survives_a_change_of_the_name(county, file, within):
    two(county, file)
    county("patient", "link", "A/1", "B/77", "--reason", "seen")
    county("ingest", file(adt(who=pid("77^^^B^MR", "李^四"), at="20261122070000")))
    (person,) = people(within)
    assert len(linked(person)) == 2


def test_an_unlink_takes_a_rules_link_back_for_good(county, file, within):
    county(
        "ingest",
        file(
            adt("A01", sender="A", who=pid("1^^^A^MR", citizen=ZHANG)),
            adt("A01", sender="B", who=pid("77^^^B^MR", citizen=ZHANG)),
        ),
    )
    assert len(people(within, "rule")) == 1
    county("patient", "unlink", "A/1", "B/77", "--reason", "twins")
    assert people(within, "rule") == []
    later = adt(who=pid("77^^^B^MR", "张^三", citizen=ZHANG) + "|||", at="20261122090000")
    county("ingest", file(later))
    assert people(within, "rule") == []


def test_a_link_of_nobody_is_refused(county, file):
    two(county, file)
    assert "no Patient" in county("patient", "link", "A/1", "B/9", "--reason", "x", code=1).error
    assert "two different" in county("patient", "link", "A/1", "A/1", "--reason", "x", code=1).error
    assert "reason" in county("patient", "link", "A/1", "B/77", "--reason", " ", code=1).error


def test_beside_a_running_store_a_message_waits_for_its_worker(county, file, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.cli.ingest.SECONDS", 0.1)
    with serving(tmp_path):
        told = county("ingest", file(oru()), code=1, silent=True).out
    assert "waits" in told
