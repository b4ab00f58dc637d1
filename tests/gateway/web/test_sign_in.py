"""Signing in and out, and choosing the language."""

import httpx
import pytest

from tests.gateway.web.sample import PERSON, TOKEN

RIGHT = {"token": TOKEN, "person": PERSON}


async def test_the_session_cookie_is_for_this_site_alone(stranger):
    answer = await stranger.post("/sign-in", data=RIGHT)
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 303
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "; secure" not in cookie
    assert TOKEN not in cookie


async def test_over_tls_the_cookie_never_goes_in_the_clear(stranger):
    answer = await stranger.post("https://pages.test/sign-in", data=RIGHT)
    assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "given",
    [
        {"token": "a-false-one", "person": PERSON},
        {"token": "", "person": PERSON},
        {"token": TOKEN, "person": " "},
        {},
    ],
)
async def test_one_message_for_all_failures_and_the_name_is_kept(stranger, given):
    answer = await stranger.post("/sign-in", data=given)
    assert answer.status_code == 422
    assert "令牌无效, 或未填姓名或工号" in answer.text
    assert "<title>错误：" in answer.text
    assert f'value="{given.get("person", "").strip()}"' in answer.text
    assert "a-false-one" not in answer.text
    assert TOKEN not in answer.text
    assert "set-cookie" not in answer.headers


async def test_then_comes_the_page_first_asked_for(stranger):
    asked = await stranger.get("/reports/electrolytes?item=k-now")
    assert asked.status_code == 303
    location = httpx.URL(asked.headers["location"])
    assert location.path == "/sign-in"
    form = await stranger.get(asked.headers["location"])
    assert 'name="next" value="/reports/electrolytes?item=k-now"' in form.text
    answer = await stranger.post("/sign-in", data={**RIGHT, "next": location.params["next"]})
    assert answer.headers["location"] == "/reports/electrolytes?item=k-now"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test/", "/\\evil.test", "evil", "/a\r\nb", ""]
)
async def test_the_next_page_is_one_of_ours(stranger, elsewhere):
    answer = await stranger.post("/sign-in", data={**RIGHT, "next": elsewhere})
    assert answer.headers["location"] == "/find"


@pytest.mark.parametrize("path", ["/", "/find", "/find/x", "/patients/zhang-a", "/reports/glucose"])
async def test_nobody_sees_a_page_without_signing_in(stranger, path):
    answer = await stranger.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


async def test_a_search_is_not_repeated_by_signing_in(stranger):
    answer = await stranger.post("/find", data={"text": "张三"})
    assert answer.headers["location"] == "/sign-in?next=%2Ffind"


async def test_signing_out_ends_the_session_itself(doctor, sessions):
    session = doctor.cookies["hutong_session"]
    answer = await doctor.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert not sessions.open
    doctor.cookies.set("hutong_session", session)
    again = await doctor.get("/find")
    assert again.status_code == 303


async def test_a_form_of_another_site_is_refused(stranger, doctor, sessions):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    signed_in = await stranger.post("/sign-in", data=RIGHT, headers=foreign)
    assert signed_in.status_code == 403
    assert (await doctor.post("/sign-out", headers=foreign)).status_code == 403
    assert (await doctor.post("/find", data={"text": "a"}, headers=foreign)).status_code == 403
    assert len(sessions.open) == 1


async def test_a_form_of_another_site_in_an_older_browser_is_refused(stranger):
    foreign = {"Origin": "https://elsewhere.example"}
    assert (await stranger.post("/sign-in", data=RIGHT, headers=foreign)).status_code == 403
    own = {"Origin": str(stranger.base_url)}
    assert (await stranger.post("/sign-in", data=RIGHT, headers=own)).status_code == 303


async def test_a_name_with_control_characters_is_refused(stranger):
    answer = await stranger.post("/sign-in", data={**RIGHT, "person": "a\nb"})
    assert answer.status_code == 422


async def test_an_overlong_form_is_refused(stranger):
    answer = await stranger.post("/sign-in", data={"person": "x" * 20_000})
    assert answer.status_code == 413


async def test_the_language_is_chosen_and_kept(doctor):
    answer = await doctor.post("/language", data={"language": "en", "next": "/find"})
    assert answer.headers["location"] == "/find"
    page = await doctor.get("/find")
    assert '<html lang="en">' in page.text
    assert "Find patient" in page.text


async def test_an_unknown_language_changes_nothing(doctor):
    await doctor.post("/language", data={"language": "xx", "next": "/find"})
    assert '<html lang="zh-CN">' in (await doctor.get("/find")).text
    doctor.cookies.set("hutong_language", "../../etc")
    assert '<html lang="zh-CN">' in (await doctor.get("/find")).text
