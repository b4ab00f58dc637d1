"""When a study gets its versions."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress

import pytest

from gateway.imaging import keeper as module
from tests.gateway.imaging.samples import image
from tests.waiting import SLACK, until

NEVER = 3600
"""Seconds that no test lasts."""


@asynccontextmanager
async def running(keeper):
    task = asyncio.create_task(keeper.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def study(archive):
    found = await archive.all("ImagingStudy")
    return found[0] if found else None


def version_of(resource):
    return int(resource["meta"]["versionId"])


def receiving(resource):
    return "receiving" in {one["code"] for one in resource["meta"].get("tag", ())}


async def test_the_first_object_is_told_of_at_once(archive, monkeypatch):
    monkeypatch.setattr(module, "POLL", NEVER)
    async with running(archive.keeper):
        await asyncio.sleep(0)
        await archive.send(image(1))
        await until(lambda: study(archive))


async def test_versions_come_once_a_second_and_none_later_than_a_second(archive):
    async with running(archive.keeper):
        began, sent, seen = time.monotonic(), [], {}

        async def watch():
            while True:
                if found := await study(archive):
                    seen.setdefault(found["numberOfInstances"], time.monotonic())
                await asyncio.sleep(0.01)

        watching = asyncio.create_task(watch())
        for number in range(1, 13):
            await archive.send(image(number))
            sent.append(time.monotonic())
            await asyncio.sleep(0.2)
        await until(lambda: told(archive, 12))
        await asyncio.sleep(0.05)
        watching.cancel()
        lasted = time.monotonic() - began
        for number, at in enumerate(sent, 1):
            shown = min(when for count, when in seen.items() if count >= number)
            assert shown - at < 1.0 + SLACK, number
        assert len(seen) <= lasted / (module.GAP - module.HASTE) + 2


async def told(archive, count):
    found = await study(archive)
    return found and found["numberOfInstances"] == count


async def test_a_study_without_further_objects_is_settled(opened):
    archive = await opened(settled=0.3)
    async with running(archive.keeper):
        await archive.send(image(1))

        async def settled():
            found = await study(archive)
            return found if found and not receiving(found) else None

        last = await until(settled)
        assert version_of(last) == 2
        first = archive.store.version("ImagingStudy", last["id"], 1)
        assert receiving(first.resource())
        assert archive.store.fetch("studies_open", (9,)) == []
        await archive.send(image(2))
        again = await until(lambda: told(archive, 2))
        assert again


async def test_what_was_not_told_before_a_crash_is_told_after_it(opened):
    archive = await opened()
    await archive.send(image(1))
    await archive.send(image(2))
    later = module.Keeper(archive.door, "http://gateway.test/dicom-web")
    async with running(later):
        await until(lambda: told(archive, 2))


async def test_two_studies_do_not_wait_for_each_other(archive, monkeypatch):
    monkeypatch.setattr(module, "GAP", NEVER)
    async with running(archive.keeper):
        for number in (1, 2, 3):
            await archive.send(image(1, study=number))

        async def all_three():
            return len(await archive.all("ImagingStudy")) == 3

        await until(all_three)


async def test_a_search_leaves_the_instances_out_and_a_read_has_them(archive):
    await archive.hear(*(image(number) for number in range(1, 60)))
    async with archive.web() as web:
        found = (await web.get("http://gateway.test/fhir/ImagingStudy")).json()["entry"][0]
        assert "instance" not in found["resource"]["series"][0]
        assert "SUBSETTED" in {one["code"] for one in found["resource"]["meta"]["tag"]}
        whole = (
            await web.get(f"http://gateway.test{found['fullUrl'].partition('test')[2]}")
        ).json()
        assert len(whole["series"][0]["instance"]) == 59


@pytest.mark.parametrize("kind", ["identifier", "series", "instance", "modality", "dicom-class"])
async def test_r4s_search_parameters_find_a_study(archive, kind):
    await archive.hear(image(1))
    found = await archive.one("ImagingStudy")
    series = found["series"][0]
    value = {
        "identifier": f"urn:dicom:uid|{found['identifier'][0]['value']}",
        "series": series["uid"],
        "instance": series["instance"][0]["uid"],
        "modality": "CT",
        "dicom-class": series["instance"][0]["sopClass"]["code"],
    }[kind]
    assert await archive.one("ImagingStudy", **{kind: value})
