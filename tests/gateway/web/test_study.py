"""The images of one study: the page over the sample, and its data through a real store."""

import io
import re
import struct
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from fixtures.dicom.write import ROOT, text
from gateway.errors import NotFoundError
from gateway.imaging.retrieve import Facts
from gateway.web.display.facts import said
from gateway.web.display.related import is_like
from gateway.web.display.slots import slots
from gateway.web.results import DoorResults
from gateway.web.routes import routes
from gateway.web.sessions import DoorSessions
from gateway.web.sources import Picture, Series
from gateway.web.speech import CHINESE
from tests.gateway.imaging.conftest import archive, empty_store, opened  # noqa: F401 - fixtures
from tests.gateway.imaging.samples import image
from tests.gateway.web.acts_of import acts_of
from tests.gateway.web.sample import CAMPUSES, NOW, PERSON, TOKEN, SampleResults
from tests.gateway.web.sample_studies import STUDY

PAGE = f"/studies/{STUDY}"


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL))


def sources(page):
    found = re.findall(r'<img class="image-picture" src="([^"]+)"', page)
    return [one.replace("&amp;", "&") for one in found]


def links(page):
    return [one.replace("&amp;", "&") for one in re.findall(r'<a[^>]* href="([^"]+)"', page)]


async def test_the_page_says_whose_what_and_where_one_is(doctor):
    said = words((await doctor.get(f"{PAGE}?image=32")).text)
    for told in ("张三", "男", "东镇", "胸部CT平扫", "1 平扫 64/64幅", "32/64", "非诊断用显示"):
        assert told in said


async def test_without_script_neighbours_series_and_windows_are_links(doctor):
    page = (await doctor.get(f"{PAGE}?image=32&w=1500&c=-600")).text
    found = links(page)
    first = f"?series={STUDY}.1"
    assert f"{first}&image=31&w=1500&c=-600" in found
    assert f"{first}&image=33&w=1500&c=-600" in found
    assert f"{first}&image=32&w=2500&c=480" in found
    assert f"?series={STUDY}.2&image=1" in found
    assert "W1500 L-600 肺" in words(page)
    assert sources(page)[-1].endswith(".32/image?frame=1&w=1500&c=-600")


@pytest.mark.parametrize(("asked", "shown"), [("0", "1/64"), ("x", "1/64"), ("999", "64/64")])
async def test_an_image_out_of_reach_is_the_nearest(doctor, asked, shown):
    assert shown in words((await doctor.get(f"{PAGE}?image={asked}")).text)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"{PAGE}?series={STUDY}.2", "未收到图像 3, 5, 6"),
        (f"{PAGE}?series={STUDY}.3", "压缩图像, 此处不能显示"),
        (f"{PAGE}?series={STUDY}.4", "这个序列没有图像"),
        ("/studies/2.25.65", "仍在接收, 图像可能不全"),
    ],
)
async def test_what_is_not_to_be_seen_is_said(doctor, path, told):
    assert told in words((await doctor.get(path)).text)


async def test_a_slice_that_was_left_out_has_its_place_and_says_so(doctor):
    page = (await doctor.get(f"{PAGE}?series={STUDY}.2&image=3")).text
    said = words(page)
    assert "3/7" in said
    assert "编号3的图像未收到" in said
    assert "2 骨窗 4/7幅" in said
    assert sources(page) == []
    assert f"?series={STUDY}.2&image=4" in links(page)


async def test_a_number_left_out_where_numbers_count_no_slices_has_no_place():
    def series(modality):
        pictures = tuple(Picture(str(n), number=n) for n in ("1", "3"))
        return Series("1.2", "1", modality, "", pictures)

    assert [one.sop for one in slots(series("CT"))] == ["1", "", "3"]
    assert [one.sop for one in slots(series("US"))] == ["1", "3"]


async def test_a_silent_campus_is_said_since_when(sessions, clock, acts):
    silent = tuple(
        replace(one, silent_since=NOW - timedelta(hours=9)) if one.code == "A" else one
        for one in CAMPUSES
    )
    app = Starlette(routes=routes(SampleResults(campuses=silent), sessions, acts, clock))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://pages.test") as browser:
        await browser.post("/sign-in", data={"token": TOKEN, "person": PERSON})
        assert "东镇自2026-11-21 21:45无数据, 图像可能不全" in words((await browser.get(PAGE)).text)


async def test_the_stored_window_and_loss_are_said_on_the_image(doctor):
    assert "W350 L50 原窗" in words((await doctor.get(PAGE)).text)
    assert "有损压缩 12.5:1" in words((await doctor.get("/studies/2.25.65")).text)
    assert "有损压缩" not in words((await doctor.get(PAGE)).text)
    assert "非诊断用显示 有损压缩" in words((await doctor.get(f"{PAGE}?series={STUDY}.3")).text)


async def test_facts_of_an_image_are_words_and_numbers(doctor, stranger):
    place = sources((await doctor.get(PAGE)).text)[-1].replace("/image?", "/facts?")
    found = await doctor.get(place)
    assert found.headers["cache-control"].startswith("private")
    assert found.json() == {
        "window": [350, 50],
        "spacing": [0.5, 0.8],
        "measuring": "",
        "lossy": "",
    }
    other = sources((await doctor.get("/studies/2.25.65")).text)[-1].replace("/image?", "/facts?")
    assert (await doctor.get(other)).json()["measuring"] == "无像素间距, 不能测距"
    assert (await stranger.get(place)).status_code == 303


def test_a_length_at_the_detector_is_said_to_be_one():
    facts = Facts(None, (0.1, 0.1), is_at_detector=True, is_lossy=False, lossy_ratio=None)
    assert "探测器" in said(CHINESE, facts).measuring


async def test_where_the_facts_cannot_be_read_the_page_stands(visitor, results):
    results.down.add("facts")
    async with visitor() as browser:
        await browser.post("/sign-in", data={"token": TOKEN, "person": PERSON})
        assert (await browser.get(PAGE)).status_code == 200
        place = sources((await browser.get(PAGE)).text)[-1].replace("/image?", "/facts?")
        assert (await browser.get(place)).status_code == 503


async def test_reports_and_studies_of_the_same_region_are_links(doctor):
    page = (await doctor.get(PAGE)).text
    assert {"/studies/2.25.66", "/studies/2.25.65", "/reports/chest"} <= set(links(page))
    said = words(page)
    assert "右上肺结节" in said
    assert re.search(
        r"胸部正位 DX 县医 2026-11-22 06:00 较新 胸部CT CT 县医 2026-08-14 05:40", said
    )
    assert "各院都没有这个患者同部位或同类的其他检查" in words(
        (await doctor.get("/studies/2.25.67")).text
    )
    assert "未收到这次检查的报告" in words((await doctor.get("/studies/2.25.67")).text)


@pytest.mark.parametrize(
    ("one", "other", "like"),
    [
        (("CT", "CHEST"), ("DX", "chest"), True),
        (("CT", "CHEST"), ("CT", "HEAD"), False),
        (("CT", ""), ("CT", "HEAD"), True),
        (("CT", ""), ("DX", ""), False),
    ],
)
def test_studies_are_alike_by_region_else_by_modality(one, other, like):
    def study(modality, region):
        site = {"bodySite": {"display": region}} if region else {}
        return {"modality": [{"code": modality}], "series": [{"uid": "1", **site}]}

    assert is_like(study(*one), study(*other)) is like


async def test_only_ct_has_presets(doctor):
    assert "软组织" not in (await doctor.get("/studies/2.25.65")).text
    assert "软组织" in (await doctor.get(PAGE)).text


@pytest.mark.parametrize("window", ["w=0&c=1", "w=a&c=1", "w=400", "c=40"])
async def test_a_window_that_is_none_is_refused(doctor, window):
    assert (await doctor.get(f"{PAGE}?{window}")).status_code == 400


async def test_a_picture_is_kept_by_the_browser_alone(doctor, stranger, results):
    path = sources((await doctor.get(PAGE)).text)[-1]
    found = await doctor.get(f"{path}&w=400&c=40")
    assert found.headers["content-type"] == "image/jpeg"
    assert found.headers["cache-control"].startswith("private")
    (_, (place, number, view)) = results.asked[-1]
    assert (place[:2], number) == ((STUDY, f"{STUDY}.1"), 1)
    assert (view.width, view.center) == (400, 40)
    assert (await stranger.get(path)).status_code == 303


async def test_a_study_that_is_not_there_is_404(doctor):
    assert (await doctor.get("/studies/1.2.3")).status_code == 404


async def test_the_timeline_leads_to_the_images(doctor):
    page = (await doctor.get("/patients/zhang-a")).text
    (row,) = re.findall(rf'<tr class="entry"(?:(?!</tr>).)*href="{PAGE}".*?</tr>', page, re.DOTALL)
    for told in ("胸部CT平扫", "69幅", "CT", "东镇", "05:40"):
        assert told in words(row)
    assert "仍在接收" in page
    # 06:12 stands above 05:40 of the same day.
    assert page.index("/reports/electrolytes") < page.index(PAGE) < page.index("/reports/glucose")


async def test_the_page_speaks_english(doctor):
    await doctor.post("/language", data={"language": "en"})
    said = words((await doctor.get(f"{PAGE}?w=1500&c=-600")).text)
    assert "Not for diagnosis" in said
    assert "Lung" in said


# Through a real store.


@pytest.fixture
def pages(archive):  # noqa: F811 - a fixture
    results = DoorResults(archive.door, archive.objects)
    sessions = DoorSessions(archive.door)
    acts = acts_of(archive.door, results)

    async def enter(token="B"):  # noqa: S107 - of a test
        app = Starlette(routes=routes(results, sessions, acts, lambda: NOW + timedelta(days=1)))
        browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://pages.test"
        )
        await browser.post("/sign-in", data={"token": token, "person": PERSON})
        return browser

    return enter


async def test_what_was_sent_is_seen(archive, pages):  # noqa: F811
    await archive.hear(*(image(number) for number in (2, 1, 3)))
    browser = await pages()
    page = (await browser.get(f"/studies/{ROOT}.1?image=2")).text
    assert "2/3" in words(page)
    assert "仍在接收" in page
    path = sources(page)[-1]
    assert f"/instances/{ROOT}.1.1.2/image" in path
    stored, narrow = [
        Image.open(io.BytesIO((await browser.get(path + window)).content))
        for window in ("", "&w=100&c=2000")
    ]
    assert stored.size == (16, 16)
    assert stored.tobytes() != narrow.tobytes()
    assert narrow.getextrema() == (0, 255)


async def test_the_facts_of_what_was_sent_are_read_from_it(archive, pages):  # noqa: F811
    spacing = text(0x00280030, "DS", "0.7\\0.6 "), text(0x00181164, "DS", "0.7\\0.6 ")
    lossy = text(0x00282110, "CS", "01"), text(0x00282112, "DS", "8 ")
    await archive.hear(image(1, *spacing, *lossy), image(2))
    browser = await pages()
    path = sources((await browser.get(f"/studies/{ROOT}.1")).text)[-1].replace("/image?", "/facts?")
    found = (await browser.get(path)).json()
    assert found["window"] == [4081, 2040.5]
    assert found["spacing"] == [0.7, 0.6]
    assert "探测器" in found["measuring"]
    assert found["lossy"] == "有损压缩 8:1"
    second = (await browser.get(path.replace(".1.1.1/", ".1.1.2/"))).json()
    assert (second["spacing"], second["lossy"]) == (None, "")
    assert (await browser.get(path.replace("frame=1", "frame=2"))).status_code == 404


async def test_other_studies_and_the_report_of_the_order_are_found(archive, pages):  # noqa: F811
    earlier = text(0x00080020, "DA", "20261001")
    chest = text(0x00180015, "CS", "CHEST")
    await archive.hear(image(1, chest), image(1, chest, earlier, study=2), image(1, study=3))
    study = next(
        one
        for one in await archive.all("ImagingStudy")
        if one["identifier"][0]["value"] == f"urn:oid:{ROOT}.1"
    )
    ids = []
    for refers in ({"reference": f"ImagingStudy/{study['id']}"}, {"reference": "ImagingStudy/x"}):
        told = {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "code": {"text": "胸部CT"},
            "subject": {"reference": study["subject"]["reference"]},
            "effectiveDateTime": "2026-11-20T10:00:00+08:00",
            "imagingStudy": [refers],
        }
        ids.append((await archive.post(told, campus="B")).id)
    page = (await (await pages()).get(f"/studies/{ROOT}.1")).text
    found = links(page)
    assert f"/studies/{ROOT}.2" in found
    assert f"/reports/{ids[0]}" in found
    assert f"/reports/{ids[1]}" not in found


async def test_a_study_stands_in_the_timeline_of_its_patient(archive, pages):  # noqa: F811
    await archive.hear(image(1), image(2))
    study = await archive.one("ImagingStudy")
    patient = study["subject"]["reference"]
    page = (await (await pages()).get(f"/{patient.replace('Patient', 'patients')}")).text
    assert f'href="/studies/{ROOT}.1"' in page
    assert "2幅" in page


async def test_frames_of_one_object_are_images_of_their_own(archive, pages):  # noqa: F811
    pixels = struct.pack("<512H", *range(512))
    await archive.hear(image(1, text(0x00280008, "IS", "2"), pixels=pixels))
    browser = await pages()
    page = (await browser.get(f"/studies/{ROOT}.1?image=2")).text
    assert "2/2" in words(page)
    assert (await browser.get(sources(page)[-1])).status_code == 200


@pytest.mark.needs("shared data")
@pytest.mark.parametrize(("name", "drawn"), [("ts_rle_fragments_ct", True), ("us_j2k", False)])
async def test_what_can_be_decoded_is_drawn(archive, pages, shared, name, drawn):  # noqa: F811
    await archive.hear((shared / "data" / "dicom" / f"{name}.dcm").read_bytes())
    study = await archive.one("ImagingStudy")
    uid = study["identifier"][0]["value"].removeprefix("urn:oid:")
    browser = await pages()
    page = (await browser.get(f"/studies/{uid}")).text
    assert bool(sources(page)) is drawn
    assert [(await browser.get(one)).status_code for one in sources(page)[-1:]] == [200] * drawn


async def test_what_a_reader_may_not_see_is_not_there(archive, pages):  # noqa: F811
    await archive.hear(image(1))
    assert (await (await pages("images")).get(f"/studies/{ROOT}.1")).status_code in {403, 404}
    path = f"/studies/{ROOT}.1/series/{ROOT}.1.1/instances/{ROOT}.1.1.1/image"
    assert (await (await pages("images")).get(path)).status_code in {403, 404}
    assert (await (await pages()).get(path)).status_code == 200
    assert (await (await pages()).get(path.replace(".1.1.1/", ".1.1.9/"))).status_code == 404


async def test_studies_come_with_the_reports_of_their_time(archive):  # noqa: F811
    await archive.hear(image(1))
    study = await archive.one("ImagingStudy")
    patient, started = study["subject"]["reference"].rpartition("/")[2], study["started"]
    results = DoorResults(archive.door, archive.objects)
    whole = await results.reports(archive.actor(), patient, "", "")
    assert [one["id"] for one in whole.studies] == [study["id"]]
    later = await results.reports(archive.actor(), patient, f"~{started}", "")
    assert later.studies == ()
    with pytest.raises(NotFoundError):
        await results.study(archive.actor(), f"{ROOT}.9")
