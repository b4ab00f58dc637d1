import pytest

from gateway.fhir.text import fold, joined


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


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("阿依古丽·买买提", "阿依古丽买买提"),
        ("買買提・艾力", "买买提艾力"),
        ("张•三‧四 五", "张三四五"),
        ("張　偉", "张伟"),
        ("张 三 Zhang  San", "张三 zhang san"),
        ("A·B 张", "a·b 张"),
        ("买买提·", "买买提"),
        ("Anna · Maria", "anna · maria"),
    ],
)
def test_the_parts_of_a_chinese_name_are_joined(written, found):
    assert joined(written) == found
