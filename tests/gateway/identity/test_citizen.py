import pytest

from gateway.identity.citizen import Citizen, read


def test_a_valid_number_tells_birth_date_and_sex():
    assert read("331827199003072336") == Citizen("331827199003072336", "1990-03-07", "male")
    assert read("11010519491231002X") == Citizen("11010519491231002X", "1949-12-31", "female")


def test_a_small_x_is_a_check_digit_too():
    assert read("11010519491231002x") == read("11010519491231002X")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "331827199003072337",  # the check digit is wrong
        "331827900307233",  # fifteen digits, before 1999
        "3318271990030723361",
        "１１０１０５１９９００３０７２３３８",
        "33182719900307233A",
        "33182719901307233X",  # no such month, whatever the check digit
        "000000000000000001",
    ],
)
def test_everything_else_is_no_number(text):
    assert read(text) is None
