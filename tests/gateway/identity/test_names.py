import pytest

from gateway.identity.names import name_of, normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张三", "張三"),
        ("张 三", "张三"),
        ("张　三", "张三"),
        ("阿依古丽·买买提", "阿依古丽买买提"),
        ("阿依古丽•買買提", "阿依古丽·买买提"),
        ("Ｌｉ", "Li"),
        ("欧阳 锋", "歐陽鋒"),
    ],
)
def test_spellings_of_one_name_are_equal(one, other):
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), [("张三", "张叁"), ("Li", "LI"), ("René", "Rene")])
def test_other_names_are_not(one, other):
    assert normal(one) != normal(other)


def test_the_official_name_counts_before_others():
    names = [
        {"text": "小三", "use": "nickname"},
        {"text": "张叁"},
        {"text": "张三", "use": "official"},
    ]
    assert name_of({"name": names}) == "张三"
    assert name_of({"name": names[:2]}) == "张叁"
    assert name_of({"name": names[:1]}) == ""


def test_a_name_in_parts_is_the_name_in_one_text():
    assert name_of({"name": [{"family": "张", "given": ["三"]}]}) == "张三"
    parts = {"family": "Smith", "given": ["John"]}
    assert name_of({"name": [parts]}) == name_of({"name": [{"text": "John Smith"}]})


def test_who_has_no_name_has_none():
    assert name_of({}) == ""


def test_a_given_name_of_which_there_is_but_an_extension_counts_for_nothing():
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}
    name = {
        "family": "王",
        "given": ["秀英", None],
        "_given": [None, {"extension": [absent | {"valueCode": "unknown"}]}],
    }
    assert name_of({"name": [name]}) == "王秀英"
