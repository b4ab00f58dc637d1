import pytest

from mappers.citizen import citizen_id


# Made up: a county, a day and a number that no one has, with the right check digit.
@pytest.mark.parametrize(
    "number",
    ["330102199003074570", "11010519491231002X", "11010519491231002x", " 330102199003074570 "],
)
def test_right_number(number):
    assert citizen_id(number) == number.strip().upper()


@pytest.mark.parametrize(
    "number",
    [
        "330102199003074571",
        "110105194912310021",
        "33010219900307457",
        "330102900307457",
        "",
        "３３0102199003074570",
        "33010219900307457A",
    ],
)
def test_wrong_number(number):
    assert citizen_id(number) == ""
