import pytest

from gateway.identity.citizen import Citizen, read


def test_a_valid_number_tells_birth_date_and_sex():
    assert read("110105199003072338") == Citizen("110105199003072338", "1990-03-07", "male")
    assert read("11010519491231002X") == Citizen("11010519491231002X", "1949-12-31", "female")


def test_a_small_x_is_a_check_digit_too():
    assert read("11010519491231002x") == read("11010519491231002X")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "110105199003072339",  # the check digit is wrong
        "110105900307233",  # fifteen digits, before 1999
        "1101051990030723381",
        "１１０１０５１９９００３０７２３３８",
        "11010519900307233A",
        "110105199013072331",  # no such month, whatever the check digit
        "000000000000000001",
    ],
)
def test_everything_else_is_no_number(text):
    assert read(text) is None
