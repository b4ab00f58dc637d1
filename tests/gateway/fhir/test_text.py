import pytest

from gateway.fhir.text import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Müller", "muller"),
        ("Mu\u0308ller", "muller"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("  Anna \t Maria ", "anna maria"),
        ("張偉", "张伟"),
        ("ＺＨＡＮＧ　Ｗｅｉ", "zhang wei"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("王\u200b芳", "王芳"),
        ("ｶﾞｰﾄﾞ", "ガード"),
        ("각", "각"),
        ("Ångström Ⅷ", "angstrom viii"),
    ],
)
def test_spellings_of_one_text_fold_alike(written, folded):
    assert fold(written) == folded
    assert fold(folded) == folded


def test_a_prefix_folds_as_in_the_whole_word():
    assert fold("乾隆").startswith(fold("乾"))
