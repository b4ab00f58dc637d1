import pytest

from tests.gateway.api.conftest import BASE
from tests.gateway.api.samples import JSON, PATIENT, ids, observation, post, put, read, refusal


def bundle(kind, *entries):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method, url, resource=None, **request):
    found = {"request": {"method": method, "url": url, **request}}
    return found | ({"resource": resource} if resource else {})


UNNAMED = {key: value for key, value in PATIENT.items() if key != "id"}


async def test_a_transaction_answers_each_entry(anna):
    await put(anna, observation("old"))
    answer = await post(
        anna,
        bundle(
            "transaction",
            entry("GET", "Patient?_id=p1"),
            entry("PUT", "Patient/p1", PATIENT),
            entry("POST", "Patient", UNNAMED),
            entry("DELETE", "Observation/old"),
            entry("GET", "Patient/p1"),
        ),
        "",
    )
    told = read(answer)
    assert told["type"] == "transaction-response"
    found, made, posted, deleted, got = told["entry"]
    assert ids(found["resource"]) == ["p1"]
    assert found["response"] == {"status": "200 OK"}
    assert made["response"]["status"] == "201 Created"
    assert made["response"]["location"] == f"{BASE}/Patient/p1/_history/1"
    assert made["response"]["etag"] == 'W/"1"'
    assert made["fullUrl"] == f"{BASE}/Patient/p1"
    assert "resource" not in made
    assert posted["response"]["status"] == "201 Created"
    assert deleted["response"]["status"] == "204 No Content"
    assert got["resource"]["id"] == "p1"


async def test_a_transaction_gives_back_what_was_written_if_preferred(anna):
    asked = bundle("transaction", entry("POST", "Patient", UNNAMED))
    (made,) = read(await post(anna, asked, "", Prefer="return=representation"))["entry"]
    assert made["resource"]["name"] == PATIENT["name"]


async def test_references_within_a_transaction_are_resolved(anna):
    asked = bundle(
        "transaction",
        {"fullUrl": "urn:uuid:one", **entry("POST", "Patient", UNNAMED)},
        entry("PUT", "Observation/o1", observation("o1", "urn:uuid:one")),
    )
    made = read(await post(anna, asked, ""))["entry"][0]
    subject = read(await anna.get("/Observation/o1"))["subject"]["reference"]
    assert made["fullUrl"] == f"{BASE}/{subject}"


async def test_a_transaction_is_all_or_nothing(anna):
    asked = bundle(
        "transaction",
        entry("PUT", "Patient/p1", PATIENT),
        entry("PUT", "Patient/p2", PATIENT | {"id": "p2", "gender": "woman"}),
    )
    issue = refusal(await post(anna, asked, ""), 400, "code-invalid")
    assert issue["expression"] == ["Bundle.entry[1].resource.Patient.gender"]
    refusal(await anna.get("/Patient/p1"), 404, "not-found")


async def test_the_entries_of_a_batch_stand_alone(anna):
    asked = bundle(
        "batch",
        entry("PUT", "Patient/p1", PATIENT),
        entry("GET", "Patient/nobody"),
        entry("DELETE", "Patient/nobody"),
        entry("PUT", "Patient/p1", PATIENT | {"gender": "female"}, ifMatch='W/"9"'),
    )
    told = read(await post(anna, asked, ""))
    assert told["type"] == "batch-response"
    assert [one["response"]["status"][:3] for one in told["entry"]] == ["201", "404", "204", "412"]
    issue = told["entry"][1]["response"]["outcome"]["issue"][0]
    assert issue["code"] == "not-found"


async def test_a_warning_comes_with_its_entry(anna):
    odd = observation("o1", performer=[{"reference": "Device/d1"}])
    told = read(await post(anna, bundle("batch", entry("PUT", "Observation/o1", odd)), ""))
    assert told["entry"][0]["response"]["outcome"]["issue"][0]["severity"] == "warning"


async def test_an_empty_batch_has_no_entries(anna):
    told = read(await post(anna, {"resourceType": "Bundle", "type": "batch"}, ""))
    assert told == {"resourceType": "Bundle", "type": "batch-response"}


@pytest.mark.parametrize("address", ["", "/"])
async def test_a_bundle_is_posted_to_the_base(anna, address):
    answer = await anna.post(f"{BASE}{address}", content=b'{"type":"x"}', headers=JSON)
    assert answer.status_code == 400
    refusal(await post(anna, bundle("collection"), ""), 400, "invalid")
    refusal(await post(anna, bundle("batch"), "?a=b"), 400, "invalid")


async def test_many_kinds_of_reads_in_a_bundle(anna):
    await put(anna, PATIENT)
    await put(anna, observation("o1"))
    urls = {
        "_history?_count=2": "history",
        "Patient/_history": "history",
        "Patient/p1/_history": "history",
        "Observation?_id=o1": "searchset",
    }
    entries = [entry("GET", url) for url in urls]
    sent = bundle("batch", *entries, entry("HEAD", "Patient/p1"), entry("GET", "Patient/p1/x"))
    *told, head, lost = read(await post(anna, sent, ""))["entry"]
    assert [one["resource"]["type"] for one in told] == list(urls.values())
    assert (head["response"]["status"], "resource" in head) == ("200 OK", False)
    assert lost["response"]["status"].startswith("400")


async def test_a_read_entry_asks_whether_there_is_news(anna):
    made = await put(anna, PATIENT)
    changed = read(await anna.get("/Patient/p1"))["meta"]["lastUpdated"]
    sinces = {
        changed: "304",
        made.headers["Last-Modified"]: "304",
        "2999-01-01T00:00:00Z": "304",
        "2001-01-01T00:00:00+08:00": "200",
        "soon": "200",
    }
    entries = [entry("GET", "Patient/p1", ifModifiedSince=one) for one in sinces]
    told = read(await post(anna, bundle("batch", *entries), ""))["entry"]
    assert [one["response"]["status"][:3] for one in told] == list(sinces.values())
    await put(anna, PATIENT | {"gender": "female"})
    (told,) = read(await post(anna, bundle("batch", entries[0]), ""))["entry"]
    assert told["resource"]["gender"] == "female"


async def test_searches_in_a_bundle_are_those_of_plain_requests(anna):
    await put(anna, PATIENT)
    await put(anna, observation("o1"))
    await put(anna, observation("o2", "Patient/p2"))
    found = {
        "Patient/p1/Observation?code=718-7": ["o1"],
        f"{BASE}/Patient/p1/Observation": ["o1"],
        "Patient/p1/*": ["o1"],
        "?_type=Patient&_id=p1": ["p1"],
        f"{BASE}?_type=Observation&_sort=_id": ["o1", "o2"],
    }
    for kind in ("batch", "transaction"):
        sent = bundle(kind, *(entry("GET", url) for url in found))
        told = read(await post(anna, sent, ""))["entry"]
        for url, one in zip(found, told, strict=True):
            plain = read(await anna.get(url if url.startswith(BASE) else f"{BASE}/{url}"))
            assert sorted(ids(one["resource"])) == sorted(ids(plain)) == found[url]
            assert one["resource"]["link"] == plain["link"]


async def test_reads_of_a_bundle_show_the_part_that_is_asked_for(anna):
    await put(anna, PATIENT)
    await put(anna, PATIENT | {"gender": "female"})
    urls = [
        *("Patient/p1?_elements=gender", "Patient/p1?_summary=text", "Patient/p1?_summary=false"),
        *("Patient/p1/_history/1?_elements=gender", "Patient?_id=p1&_elements=gender"),
        *("Patient?_summary=true", "?_type=Patient&_summary=data", "Patient/p1/_history?_count=1"),
        *("Patient/_history?_elements=gender", "_history?_summary=text", "Patient?_summary=count"),
    ]
    for kind in ("batch", "transaction"):
        told = read(await post(anna, bundle(kind, *(entry("GET", one) for one in urls)), ""))
        for url, one in zip(urls, told["entry"], strict=True):
            plain = read(await anna.get(f"{BASE}/{url}"))
            for both in (one["resource"], plain):
                # A token of a page is never the same twice.
                both["link"] = [row for row in both.get("link", ()) if row["relation"] == "self"]
            assert one["resource"] == plain, url


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Patient/p1?gender=male", "A read takes no parameter"),
        ("Patient/p1/_history/1?gender=male", "A read takes no parameter"),
        ("Patient/p1?_summary=count", "A read takes no parameter"),
        ("Patient/p1?_elements=nothing", "_elements takes names"),
        ("Patient/p1?_format=xml", "_format goes with the bundle"),
        ("Patient?_id=p1&_pretty=true", "_pretty goes with the bundle"),
        ("Patient?_id=p1&_summary=some", "_summary takes one of"),
    ],
)
async def test_what_a_read_of_a_bundle_does_not_take_is_refused(anna, query, text):
    await put(anna, PATIENT)
    write = entry("PUT", "Patient/p2", PATIENT | {"id": "p2"})
    answer = await post(anna, bundle("transaction", write, entry("GET", query)), "")
    issue = refusal(answer, 400, "invalid")
    assert issue["expression"] == ["Bundle.entry[1].request.url"]
    assert issue["details"]["text"].startswith(text)
    assert (await anna.get("/Patient/p2")).status_code == 404


async def test_a_version_that_is_known_is_not_sent_again(anna):
    await put(anna, PATIENT)
    sent = bundle("batch", entry("GET", "Patient/p1/_history/1", ifNoneMatch='W/"1"'))
    (told,) = read(await post(anna, sent, ""))["entry"]
    assert (told["response"]["status"], "resource" in told) == ("304 Not Modified", False)


@pytest.mark.parametrize(
    ("method", "url", "code"),
    [
        ("GET", "metadata", "not-supported"),
        ("GET", "Patient/p1/$everything", "not-supported"),
        ("GET", "ValueSet/$expand?url=x", "not-supported"),
        ("POST", "$validate", "not-supported"),
        ("GET", "Patient/p1/x", "invalid"),
        ("GET", "Patient/p1/Observation/x", "invalid"),
        ("GET", "Patient/p1/_history/1/x", "invalid"),
        ("GET", "Patient/_search?_id=p1", "invalid"),
        ("GET", "Patient/_history/x", "invalid"),
        ("GET", "_history/x", "invalid"),
        ("GET", "", "invalid"),
        ("GET", "Colour", "invalid"),
    ],
)
async def test_what_is_no_read_of_a_bundle_is_refused_by_its_url(anna, method, url, code):
    one = entry(method, url, PATIENT if method == "POST" else None)
    (told,) = read(await post(anna, bundle("batch", one), ""))["entry"]
    (issue,) = told["response"]["outcome"]["issue"]
    assert told["response"]["status"].startswith("400")
    assert (issue["code"], issue["expression"]) == (code, ["Bundle.entry[0].request.url"])
    together = bundle("transaction", entry("PUT", "Patient/p1", PATIENT), one)
    issue = refusal(await post(anna, together, ""), 400, code)
    assert issue["expression"] == ["Bundle.entry[1].request.url"]
    refusal(await anna.get("/Patient/p1"), 404, "not-found")


async def test_a_read_that_fails_in_a_transaction_fails_all(anna):
    sent = bundle(
        "transaction", entry("PUT", "Patient/p1", PATIENT), entry("GET", "Patient/nobody")
    )
    issue = refusal(await post(anna, sent, ""), 404, "not-found")
    assert issue["expression"] == ["Bundle.entry[1]"]
    refusal(await anna.get("/Patient/p1"), 404, "not-found")
