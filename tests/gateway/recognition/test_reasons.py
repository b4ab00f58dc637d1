"""The dictionary of reasons for not recognising a result."""

import pytest

from gateway.fhir.validation import check
from gateway.recognition.catalogue.model import CATEGORIES
from gateway.recognition.reasons import REASONS, UNCOUNTED, code_system, offered


def test_the_provincial_codes_stand_first_and_only_98_and_99_are_no_refusals():
    codes = list(REASONS)
    assert codes[:10] == ["01", "02", "03", "04", "05", "06", "07", "08", "98", "99"]
    assert UNCOUNTED == ("98", "99")


def test_other_circumstances_need_a_text():
    assert [one.code for one in REASONS.values() if one.requires_text] == ["08"]


def test_missing_images_are_no_reason_for_a_laboratory_item():
    assert "98" in {one.code for one in offered("imaging")}
    assert "98" not in {one.code for one in offered("lab")}
    assert "specimen-unfit" not in {one.code for one in offered("ecg")}
    assert offered() == list(REASONS.values())


@pytest.mark.parametrize("one", REASONS.values(), ids=lambda one: one.code)
def test_every_reason_is_worded_twice_and_applies_to_known_categories(one):
    assert one.named("zh-CN") == one.display
    assert one.named("en") == one.english
    assert one.display != one.english
    assert set(one.applies_to) <= set(CATEGORIES)


def test_the_code_system_is_valid_and_tells_all_of_it():
    resource = code_system()
    assert [issue for issue in check(resource) if issue.severity == "error"] == []
    assert [one["code"] for one in resource["concept"]] == list(REASONS)
    properties = {one["code"]: one["property"] for one in resource["concept"]}
    assert {"code": "countsAsRefusal", "valueBoolean": False} in properties["99"]
