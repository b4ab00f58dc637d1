"""Who is reached from many Patients at once: the same as from each by itself."""

import random
import sqlite3

import pytest

from gateway.store.linked import SIZES, reached


def naive(pairs, start):
    seen, before = set(start), None
    while before != seen:
        before = set(seen)
        holders = {holder for patient, holder in pairs if patient in seen}
        seen |= {patient for patient, holder in pairs if holder in holders}
    return seen, {holder for patient, holder in pairs if patient in seen}


@pytest.mark.parametrize("count", sorted({0, *SIZES, *(size + 1 for size in SIZES)}))
def test_every_number_of_patients_reaches_what_one_by_one_reaches(count):
    dice = random.Random(count)  # noqa: S311 - of a test
    pairs = {(dice.randrange(2_000), 10_000 + dice.randrange(900)) for _ in range(1_200)}
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE certain (patient, holder)")
    database.executemany("INSERT INTO certain VALUES (?, ?)", sorted(pairs))
    asked = []

    def run(sql, values):
        asked.append(sql)
        return database.execute(sql, values).fetchall()

    start = dice.sample(range(2_000), count)
    assert reached(start, run) == naive(pairs, start)
    assert len(set(asked)) <= 2 * len(SIZES), "few texts stay prepared"
    database.close()
