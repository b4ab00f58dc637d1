import pytest

from mappers.flags import concept, flag


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("H", "H"),
        ("h", "H"),
        ("↑", "H"),
        ("↓", "L"),
        ("↑↑", "HH"),
        ("↓↓", "LL"),
        ("H↑", "H"),
        ("L*", "L"),
        ("危急", "AA"),
        ("危急值", "AA"),
        ("偏低", "L"),
        ("HH", "HH"),
        ("AA", "AA"),
        ("<", "<"),
        ("SYN-R", "SYN-R"),
    ],
)
def test_flag(text, code):
    assert flag(text)[0] == code


@pytest.mark.parametrize("text", ["?", "QCF", "HM", "*", "N↑", "L↑", "H↓", "H↑↓"])
def test_unknown_flag_stays_text(text):
    assert concept(text) == {"text": text}


def test_flag_of_another_writing_keeps_its_text():
    assert concept("↑")["text"] == "↑"
    assert "text" not in concept("H")
