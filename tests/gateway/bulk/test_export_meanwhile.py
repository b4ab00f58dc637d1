"""What changes while an export runs: it shows its start, and nothing that may not be seen since."""

import json

from gateway.bulk import walk
from tests.gateway.interactions.consortium import HIV, ROOT, observation, patient


async def test_an_export_is_a_snapshot_of_its_start_without_what_was_hidden_since(
    filled, monkeypatch
):
    house, page = filled.house, walk.page
    changed = []

    async def slow(*args):
        if not changed:
            changed.append(True)
            await house.put("A", patient("a2", gender="female"))
            await house.put("A", patient("late"))
            await house.delete("A", "Patient/a1")
            await house.put("B", observation("bo1", "Patient/b1", code=HIV))
        return await page(*args)

    monkeypatch.setattr(walk, "page", slow)
    manifest = await filled.manifest(ROOT, "$export", _type="Patient,Observation")
    lines = await filled.lines(ROOT, manifest)
    patients = {one["id"]: one for one in map(json.loads, lines["Patient"])}
    assert set(patients) == {"a2", "b1", "b2"}
    assert patients["a2"]["meta"]["versionId"] == "1"
    assert [json.loads(one)["id"] for one in lines["Observation"]] == ["ao1", "ao2", "bo2"]


async def test_what_moves_to_a_member_meanwhile_shows_nothing_of_whose_it_was(filled, monkeypatch):
    house, page = filled.house, walk.page

    async def slow(*args):
        await house.put("A", observation("ao2", "Patient/a1"))
        return await page(*args)

    monkeypatch.setattr(walk, "page", slow)
    named = [{"name": "patient", "valueReference": {"reference": "Patient/a1"}}]
    found = await filled.exported("A", "Patient/$export", named)
    assert found["Observation"] == ["ah", "ao1"]


async def test_what_is_hidden_or_deleted_while_a_page_is_looked_at_is_not_there(
    filled, monkeypatch
):
    house, matching = filled.house, walk.matching

    async def slow(*args):
        await house.put("B", observation("bo1", "Patient/b1", code=HIV))
        if (await house.read("A", "Observation/ao2")).version == 1:
            await house.delete("A", "Observation/ao1")
            await house.put("A", observation("ao2", "Patient/a2", code="2-2"))
        return await matching(*args)

    monkeypatch.setattr(walk, "matching", slow)
    assert (await filled.exported(ROOT, _type="Observation")) == {"Observation": ["ao2", "bo2"]}
