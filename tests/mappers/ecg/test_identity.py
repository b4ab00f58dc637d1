import pytest

from mappers.base import Recording
from mappers.ecg import bare_name, same_recording


def recording(
    *, hash_="h", start="2026-11-22T00:30:15", number="1", name="刘玉兰", born="1958-03-07"
):
    return Recording(hash_, start, number, name, born)


ONE = recording()


@pytest.mark.parametrize(
    ("other", "linked", "same"),
    [
        (recording(), False, True),
        (recording(hash_="g"), True, False),
        (recording(start="2026-11-22T00:30:16"), True, False),
        (recording(start=""), False, True),
        (recording(number="2"), False, False),
        (recording(number="2"), True, True),
        (recording(name="", born=""), False, True),
        (recording(number=""), False, True),
        (recording(number="", name="刘玉"), False, False),
        (recording(number="", born="1958-03-08"), False, False),
        (recording(number="", name=""), False, False),
        (recording(number="", born=""), False, False),
        (recording(number="", name="", born=""), True, False),
    ],
)
def test_one_recording_is_equal_samples_start_and_patient(other, linked, same):
    assert same_recording(ONE, other, linked=linked) is same
    assert same_recording(other, ONE, linked=linked) is same


def test_two_files_without_number_need_the_same_name_and_birth_date():
    assert same_recording(recording(number=""), recording(number=""), linked=False)
    assert not same_recording(recording(number=""), recording(number="", name="王"), linked=False)
    assert same_recording(
        recording(number="", name="", born=""),
        recording(number="", name="", born=""),
        linked=False,
    )


@pytest.mark.parametrize("text", ["刘^玉兰", "刘玉兰", "刘 玉兰", "刘·玉兰"])
def test_a_name_is_the_same_however_its_parts_are_separated(text):
    assert bare_name(text) == "刘玉兰"


def test_case_makes_no_other_name():
    assert bare_name("CLARK^John") == bare_name("Clark John")
