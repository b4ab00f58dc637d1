"""The monthly form of the regulators, a line a hospital."""

import pytest

from gateway.errors import ForbiddenError
from gateway.recognition.statistics.form import cells, form
from gateway.store.records import Batch
from tests.gateway.recognition.statistics.asking import Books, given, month, told


async def test_the_form_has_a_line_for_each_hospital(county):
    await given(county, "d1")
    await given(county, "d2", item="CT", price=30_000)
    for id_ in ("d1", "d2"):
        await county.say("viewed", id_)
        await county.say("recognised", id_)
    lines = await form(county.door, Books(), county.admin(), month(county))
    first, *others = cells(county.door, lines)
    assert first[:2] == ["A", "A院"]
    assert first[9:] == [0, 0, 0, 0, 1, 300, 1, 15, 2, 2, 315]
    assert [one[-2] for one in others] == [0, 0]
    own = await form(county.door, Books(), county.actor("B-recognises"), month(county))
    assert [one.campus for one in own] == [2]
    with pytest.raises(ForbiddenError):
        await form(county.door, Books(), county.actor("A"), month(county))


async def test_the_form_says_which_evaluations_a_hospital_passed(county):
    today = "2026-01-01", "2030-01-01", 1, "", 0
    evidence = [
        ("evidence_put", (1, "", scheme, "中心", scope, "", item, "", "2026-1", *today))
        for scheme, scope, item in (
            ("eqa", "national", "K"),
            ("eqa", "national", "NA"),
            ("eqa", "province", "K"),
            ("image-quality", "province", "CT"),
        )
    ]
    await county.store.submit(Batch(ticket=b"", statements=evidence))
    lines = await form(county.door, Books(), county.admin(), month(county))
    first, second, _ = cells(county.door, lines)
    assert first[3:9] == ["是", 2, "是", 1, "是", "是"]
    assert second[3:9] == ["否", 0, "否", 0, "否", "是"]


async def test_an_item_that_is_in_the_catalogue_no_more_counts_in_the_totals(county):
    await given(county, "d1", item="GONE")
    await county.say("recognised")
    lines = await form(county.door, Books(), county.admin(), month(county))
    first = next(iter(cells(county.door, lines)))
    assert first[9:] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 15]
    (group,) = (await told(county, "item", "category")).groups
    assert (group.values, group.words) == (("GONE", ""), ("", ""))
