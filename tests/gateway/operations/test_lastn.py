"""Which Observations are the newest of their kind, however many there are."""

import time

import pytest

from gateway.operations.lastn import Groups, Hit


def _hits(count, names, at=lambda _: 0):
    """The newest one of each kind of so many, and the seconds that it takes."""
    groups = Groups(1)
    begin = time.process_time()
    for row in range(count):
        groups.add(names(row), Hit(at(row), row, None))
    return groups.hits(), time.process_time() - begin


@pytest.mark.parametrize(
    "names",
    [
        lambda _: [("text", "x")],
        lambda row: [("s", str(row)), ("s", str(row + 1))],
        lambda row: [("s", str(row)), ("s", str(row // 2))],
    ],
    ids=["one kind", "a chain", "a tree"],
)
def test_those_as_old_as_one_another_all_count_and_take_no_longer_than_they_must(names):
    few, seconds = _hits(5_000, names)
    many, longer = _hits(20_000, names)
    assert (len(few), len(many)) == (5_000, 20_000)
    # By their number four times as long, by its square sixteen times.
    assert longer < 12 * seconds + 0.1


def test_of_many_the_newest_is_kept():
    found, _ = _hits(20_000, lambda row: [("s", str(row % 3))], at=lambda row: row)
    assert sorted(one.row for one in found) == [19_997, 19_998, 19_999]
