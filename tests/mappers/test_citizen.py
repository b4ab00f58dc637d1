import pytest

from mappers.citizen import citizen_id


# Of a region that does not exist, and the example that the standard gives.
@pytest.mark.parametrize(
    "number",
    ["999901199003074579", "11010519491231002X", "11010519491231002x", " 999901199003074579 "],
)
def test_right_number(number):
    assert citizen_id(number) == number.strip().upper()


@pytest.mark.parametrize(
    "number",
    [
        "999901199003074571",
        "110105194912310021",
        "99990119900307457",
        "999901900307457",
        "",
        "９９9901199003074579",
        "99990119900307457A",
    ],
)
def test_wrong_number(number):
    assert citizen_id(number) == ""
