"""The sensitive list: by LOINC code, by word, by label."""

import pytest

from gateway.access.sensitive import SECURITY, classes, is_sensitive, labels

LOINC = "http://loinc.org"


def _coded(code, system=LOINC):
    return {"resourceType": "Observation", "code": {"coding": [{"system": system, "code": code}]}}


def _named(name):
    return {"resourceType": "Observation", "code": {"text": name}}


@pytest.mark.parametrize(
    ("code", "class_"),
    [
        ("48345-3", "hiv"),
        ("44249-1", "psychiatric"),
        ("21639-0", "genetic"),
        ("29770-5", "genetic"),
    ],
)
def test_a_listed_code_is_sensitive(code, class_):
    assert classes(_coded(code)) == {class_}


@pytest.mark.parametrize(
    "holder",
    [
        {"resourceType": "DiagnosticReport", "contained": [_coded("48345-3")]},
        {"resourceType": "Bundle", "entry": [{"fullUrl": "x"}, {"resource": _coded("48345-3")}]},
        {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": _coded("48345-3")}]},
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "a", "part": [{"name": "b", "resource": _coded("48345-3")}]}],
        },
        {
            "resourceType": "Bundle",
            "entry": [{"resource": {"resourceType": "List", "contained": [_named("HIV抗体")]}}],
        },
    ],
)
def test_what_holds_a_sensitive_resource_is_sensitive(holder):
    assert classes(holder) == {"hiv"}
    assert labels(holder)[0] == SECURITY


@pytest.mark.parametrize(
    "resource",
    [
        {
            "resourceType": "CarePlan",
            "activity": [{"detail": {"code": {"text": "HIV随访"}, "status": "in-progress"}}],
        },
        {
            "resourceType": "Composition",
            "section": [{"section": [{"code": {"coding": [{"display": "HIV抗体"}]}}]}],
        },
        {
            "resourceType": "QuestionnaireResponse",
            "item": [{"answer": [{"valueCoding": {"system": LOINC, "code": "48345-3"}}]}],
        },
    ],
)
def test_a_code_deep_in_a_clinical_resource_is_found(resource):
    assert classes(resource) == {"hiv"}


def test_what_holds_a_labelled_resource_is_sensitive():
    inner = {"resourceType": "Observation", "meta": {"security": [SECURITY]}}
    assert labels({"resourceType": "Bundle", "entry": [{"resource": inner}]}) == [SECURITY]


def test_what_holds_others_is_not():
    assert not is_sensitive({"resourceType": "Bundle", "entry": [{"resource": _named("血常规")}]})


@pytest.mark.parametrize("code", ["718-7", "5195-3", ""])
def test_other_codes_are_not(code):
    assert not is_sensitive(_coded(code))


def test_a_listed_code_of_another_system_is_not():
    assert not is_sensitive(_coded("48345-3", "urn:hutong:B:item"))


@pytest.mark.parametrize(
    ("name", "class_"),
    [
        ("HIV抗体", "hiv"),
        ("抗-HIV(1+2)", "hiv"),
        ("ＨＩＶ抗体", "hiv"),
        ("愛滋病抗體", "hiv"),
        ("人类免疫缺陷病毒抗体测定", "hiv"),
        ("精神科会诊", "psychiatric"),
        ("phq-9 评分", "psychiatric"),
        ("外周血染色体核型分析", "genetic"),
        ("耳聋基因检测", "genetic"),
        ("法医临床鉴定", "forensic"),
        ("性侵害物证采集", "assault"),
    ],
)
def test_a_name_with_a_listed_word_is_sensitive(name, class_):
    assert classes(_named(name)) == {class_}


@pytest.mark.parametrize(
    "name", ["乙肝病毒基因分型", "CHIVE", "血红蛋白", "尿沉渣", "精浆锌", "AHIVE2"]
)
def test_a_name_without_one_is_not(name):
    assert not is_sensitive(_named(name))


@pytest.mark.parametrize(
    "resource",
    [
        {"code": {"coding": [{"display": "HIV抗体"}]}},
        {"category": [{"text": "法医"}]},
        {"type": {"text": "HIV"}},
        {"reasonCode": [{"text": "疑艾滋病"}]},
        {"orderDetail": [{"text": "亲子鉴定"}]},
        {"conclusionCode": [{"coding": [{"display": "精神分裂症"}]}]},
        {"component": [{"code": {"text": "HIV-1 RNA"}}]},
        {"valueCodeableConcept": {"text": "艾滋病"}},
    ],
)
def test_every_element_that_says_what_it_is_about_counts(resource):
    assert is_sensitive(resource)


def test_a_label_of_the_writer_counts():
    for code in "RV":
        security = [{"system": SECURITY["system"], "code": code}]
        assert is_sensitive({"meta": {"security": security}})
    assert not is_sensitive({"meta": {"security": [{"system": SECURITY["system"], "code": "N"}]}})


def test_the_labels_are_restricted_and_the_policy_of_the_class():
    restricted, policy = labels(_named("HIV抗体"))
    assert restricted == SECURITY
    assert (policy["system"].rpartition("/")[2], policy["code"]) == ("v3-ActCode", "HIV")
    assert labels(_named("法医")) == [SECURITY]
    assert labels(_named("血红蛋白")) == []


def test_odd_shapes_are_no_error():
    assert not is_sensitive({"code": "text", "type": [None], "component": [{}], "meta": None})
