"""Several reports under one number of their laboratory, together and alone."""

import itertools

import pytest

from tests.gateway.ingest.messages import oru


def obr(code, row, status, issued):
    return (
        f"OBR|1||R1|{code}|||20261122080000|||||||||||||||{issued}||LAB|{status}",
        f"OBX|1|NM|{row[0]}||{row[1]}||||||{status}",
    )


def message(control, *parts):
    lines = oru(control=control).split("\r")[:2]
    return "\r".join([*lines, *itertools.chain(*parts), ""])


MESSAGES = (
    message("1", obr("BIO", ("GLU", "5.1"), "F", "20261122080000"),
            obr("HEM", ("WBC", "9.1"), "F", "20261122080000")),
    message("2", obr("BIO", ("GLU", "6.1"), "C", "20261122090000")),
    message("3", obr("HEM", ("WBC", "8.1"), "C", "20261122100000")),
)  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 0, 2, 0, 1), (2, 0, 1)])
async def test_a_correction_of_one_of_them_alone_finds_it(county, order):
    for number, index in enumerate(order):
        await county.hear(MESSAGES[index].replace("|P|2.5.1", f"{number}|P|2.5.1"))
    values = {
        (one["status"], float(bytes(one["valueQuantity"]["value"])))
        for one in await county.all("Observation")
    }
    assert values == {("corrected", 6.1), ("corrected", 8.1)}
    assert len(await county.all("DiagnosticReport")) == 2
