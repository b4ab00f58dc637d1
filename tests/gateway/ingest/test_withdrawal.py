"""Reports and results that are cancelled or in error, in whatever order that is told."""

import itertools

import pytest

from tests.gateway.ingest.messages import oru
from tests.gateway.ingest.test_results import report


def without_rows(message):
    return "\r".join(one for one in message.split("\r") if not one.startswith("OBX"))


async def test_a_result_in_error_keeps_its_value_only_in_history(county):
    await county.hear(oru(("GLU", "5.1")))
    await county.hear(
        oru(("GLU", "5.1"), status="F", issued="20261122100000", control="2").replace(
            "||||F|", "||||D|"
        )
    )
    observation = await county.one("Observation")
    assert observation["status"] == "entered-in-error"
    assert "valueQuantity" not in observation


async def test_a_report_cancelled_without_rows_takes_its_results_with_it(county):
    await county.hear(oru(("GLU", "5.1"), status="P"))
    cancelled = "\r".join(
        one for one in oru(status="X", issued="20261122100000", control="2").split("\r")
        if not one.startswith("OBX")
    )  # fmt: skip
    await county.hear(cancelled)
    observation = await county.one("Observation")
    assert observation["status"] == "cancelled"
    assert "valueQuantity" not in observation


# 2, 1, 0 is left out: then nothing that is stored tells of the cancellation.
@pytest.mark.parametrize("order", sorted(itertools.permutations(range(3)))[:-1])
async def test_a_cancelled_report_takes_what_is_older_whatever_was_reported_since(county, order):
    messages = (
        oru(("K", "4.2"), status="P", issued="20261122080000", control="0"),
        oru(status="X", issued="20261122090000", control="1").split("OBX")[0],
        oru(("GLU", "5.1"), status="F", issued="20261122100000", control="2"),
    )
    for index in order:
        await county.hear(messages[index])
    statuses = {
        one["identifier"][0]["value"]: one["status"] for one in await county.all("Observation")
    }
    assert statuses == {"R1#GLU": "final", "R1#K": "cancelled"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0)])
async def test_a_cancelled_report_with_a_row_takes_its_other_results_with_it(county, order):
    messages = (
        oru(("GLU", "5.1"), status="F", issued="20261122080000"),
        oru(("K", "4.2"), status="X", issued="20261122090000"),
    )
    for number, index in enumerate(order):
        await county.hear(messages[index].replace("|1|P|", f"|{number}|P|"))
    assert {one["status"] for one in await county.all("Observation")} == {"cancelled"}
    assert (await report(county))["status"] == "cancelled"


async def test_what_comes_late_for_a_cancelled_report_is_cancelled_too(county):
    await county.hear(without_rows(oru(status="X", issued="20261122100000")))
    await county.hear(oru(("GLU", "5.1"), status="F", control="2"))
    observation = await county.one("Observation")
    assert observation["status"] == "cancelled"
    assert "valueQuantity" not in observation
    assert (await report(county))["status"] == "cancelled"
