"""The images of one study: the page over the sample, and its data through a real store."""

import io
import re
import struct
from datetime import timedelta

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from fixtures.dicom.write import ROOT, text
from gateway.errors import NotFoundError
from gateway.web.results import DoorResults
from gateway.web.routes import routes
from gateway.web.sessions import DoorSessions
from tests.gateway.imaging.conftest import archive, empty_store, opened  # noqa: F401 - fixtures
from tests.gateway.imaging.samples import image
from tests.gateway.web.sample import NOW, PERSON
from tests.gateway.web.sample_studies import STUDY

PAGE = f"/studies/{STUDY}"


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL))


def sources(page):
    return [one.replace("&amp;", "&") for one in re.findall(r'<img[^>]* src="([^"]+)"', page)]


async def test_the_page_says_whose_what_and_where_one_is(doctor):
    said = words((await doctor.get(f"{PAGE}?image=32")).text)
    for told in ("张三", "男", "东镇", "胸部CT平扫", "1 平扫 64幅", "32/64", "非诊断用显示"):
        assert told in said


async def test_without_script_neighbours_series_and_windows_are_links(doctor):
    page = (await doctor.get(f"{PAGE}?image=32&w=1500&c=-600")).text
    links = [one.replace("&amp;", "&") for one in re.findall(r'<a href="(\?[^"]+)"', page)]
    first = f"?series={STUDY}.1"
    assert f"{first}&image=31&w=1500&c=-600" in links
    assert f"{first}&image=33&w=1500&c=-600" in links
    assert f"{first}&image=32&w=2500&c=480" in links
    assert f"?series={STUDY}.2&image=1" in links
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

    async def enter(token="B"):  # noqa: S107 - of a test
        app = Starlette(routes=routes(results, sessions, lambda: NOW + timedelta(days=1)))
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
