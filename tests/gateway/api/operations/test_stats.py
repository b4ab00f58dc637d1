"""Observation `$stats` over HTTP."""

import json
from urllib.parse import urlencode

import pytest

from gateway.access.audit import read_event
from gateway.operations.figures import FIGURES
from tests.gateway.api.operations.records import join, ref
from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.samples import PATIENT, observation, post, put, read, refusal
from tests.waiting import until

UCUM = "http://unitsofmeasure.org"
GLUCOSE = {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]}
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}


def amount(value, code="mg/dL", **more):
    return {"value": value, "unit": code, "system": UCUM, "code": code, **more}


async def measure(client, id_, value, unit="mg/dL", *, day=1, subject="Patient/p1", **more):
    body = observation(
        id_,
        subject,
        **({"code": GLUCOSE} | more),
        **({"valueQuantity": amount(0, unit)} if value else {}),
        **({"effectiveDateTime": f"2026-02-{day:02d}T08:00:00+08:00"} if day else {}),
    )
    text = json.dumps(body).replace('"value": 0,', f'"value": {value},')
    answer = await client.put(
        f"/Observation/{id_}", content=text, headers={"Content-Type": "application/fhir+json"}
    )
    assert answer.status_code in {200, 201}, answer.text


async def figures(client, *statistics, **more):
    query = {"subject": "Patient/p1", "code": "2345-7", "system": "http://loinc.org"} | more
    address = f"/Observation/$stats?{urlencode(query, doseq=True)}"
    answer = await client.get(address + "".join(f"&statistic={one}" for one in statistics))
    read(answer)
    return json.loads(answer.text, parse_float=str, parse_int=str)["parameter"]


def told(parameter):
    """Statistic -> (value, code of the unit), None where it is absent."""
    return {
        one["code"]["coding"][-1]["code"]: (
            (one["valueQuantity"]["value"], one["valueQuantity"].get("code"))
            if "valueQuantity" in one
            else None
        )
        for one in parameter["resource"]["component"]
    }


def notes(parameter):
    return " ".join(one["text"] for one in parameter["resource"].get("note", ()))


@pytest.fixture
async def patient(anna):
    await put(anna, PATIENT)


@pytest.mark.usefixtures("patient")
async def test_values_of_two_campuses_in_two_units_are_one_series(anna, gateway):
    boris = await gateway.campus("B")
    await put(boris, PATIENT | {"id": "q1"})
    await join(gateway, "p1", "q1")
    await measure(anna, "a1", "90")
    await measure(anna, "a2", "100.0", day=2)
    await measure(boris, "b1", "1100", "mg/L", day=3, subject="Patient/q1")
    (found,) = await figures(anna, "average", "max", "min", "count", "sum", "regression")
    assert told(found) == {
        "average": ("100", "mg/dL"),
        "maximum": ("110", "mg/dL"),
        "minimum": ("90", "mg/dL"),
        "count": ("3", "1"),
        "sum": ("300", "mg/dL"),
        "gradient": ("10", "(mg/dL)/d"),
        "intercept": ("90", "mg/dL"),
    }
    assert found["resource"]["effectivePeriod"] == {
        "start": "2026-02-01T00:00:00.000000Z",
        "end": "2026-02-03T00:00:00.000000Z",
    }
    assert found["resource"]["code"] == GLUCOSE
    assert found["resource"]["subject"] == ref("Patient/p1")
    assert "linked Patients" in notes(found)
    (alone,) = await figures(anna, "count", _linked="false")
    assert told(alone) == {"count": ("2", "1")}
    assert "note" not in alone["resource"]


@pytest.mark.usefixtures("patient")
async def test_the_convertible_majority_counts_however_its_units_are_spelt(anna):
    spellings = [("1", "g/L"), ("200", "mg/dL"), ("3000", "mg/L"), ("5", "mmol/L"), ("6", "mmol/L")]
    for day, (value, unit) in enumerate(spellings, 1):
        await measure(anna, f"a{day}", value, unit, day=day)
    (found,) = await figures(anna, "average", "count", "total-count")
    assert told(found) == {
        "average": ("2000", "mg/L"),
        "count": ("3", "1"),
        "total-count": ("5", "1"),
    }
    assert "2 left out: in a unit that cannot be converted" in notes(found)


@pytest.mark.usefixtures("patient")
async def test_of_equally_many_the_newest_measurement_decides(anna):
    # The newest is not the one stored last.
    await measure(anna, "a1", "6", "mmol/L", day=9)
    await measure(anna, "a2", "90", "mg/dL", day=2)
    (found,) = await figures(anna, "average")
    assert told(found) == {"average": ("6", "mmol/L")}


@pytest.mark.usefixtures("patient")
async def test_the_extremes_keep_their_digits(anna):
    await measure(anna, "a1", "5.40", "mmol/L")
    await measure(anna, "a2", "1.0E1", "mmol/L")
    (found,) = await figures(anna, "minimum", "maximum", "average")
    assert told(found)["minimum"] == ("5.40", "mmol/L")
    assert float(told(found)["maximum"][0]) == 10
    assert told(found)["average"] == ("7.7", "mmol/L")


@pytest.mark.usefixtures("patient")
async def test_what_cannot_be_compared_is_left_out_and_told(anna):
    await measure(anna, "a1", "90")
    await measure(anna, "a2", "100")
    await measure(anna, "other", "5", "mmol/L")
    await measure(anna, "text", "", valueString="high")
    await measure(anna, "bound", "", valueQuantity=amount(2, comparator="<"))
    await measure(anna, "bare", "", valueQuantity={"value": 3, "unit": "mg/dL"})
    await measure(anna, "error", "900", status="entered-in-error")
    await measure(anna, "stopped", "900", status="cancelled")
    await measure(anna, "early", "110", status="preliminary")
    modifier = [{"url": "http://example.org/not", "valueBoolean": True}]
    await measure(anna, "negated", "900", modifierExtension=modifier)
    (found,) = await figures(anna, "average", "count", "total-count")
    assert told(found) == {
        "average": ("100", "mg/dL"),
        "count": ("3", "1"),
        "total-count": ("8", "1"),
    }
    text = notes(found)
    assert "1 left out: in a unit that cannot be converted" in text
    assert "1 left out: without a value that is a quantity" in text
    assert "1 left out: known only to lie above or below" in text
    assert "1 left out: without a UCUM unit" in text
    assert "1 left out: changed in meaning" in text
    assert "2 entered in error or cancelled" in text


@pytest.mark.usefixtures("patient")
async def test_what_is_undefined_is_absent(anna):
    (none,) = await figures(anna, *FIGURES, "count", "total-count", "regression")
    found = told(none)
    assert found.pop("count") == found.pop("total-count") == ("0", "1")
    assert set(found.values()) == {None}
    assert "effectivePeriod" not in none["resource"]
    await measure(anna, "a1", "90")
    (one,) = await figures(anna, "average", "variance", "std-dev", "regression")
    assert told(one) == {
        "average": ("90", "mg/dL"),
        "variance": None,
        "std-dev": None,
        "gradient": None,
        "intercept": None,
    }
    absent = one["resource"]["component"][1]["dataAbsentReason"]["coding"][0]["code"]
    assert absent == "not-applicable"


@pytest.mark.usefixtures("patient")
async def test_units_of_squares_and_of_none(anna):
    for number, value in enumerate(("1", "2", "4", "9")):
        await measure(anna, f"a{number}", value, "mmol/L")
    (found,) = await figures(anna, "variance", "skew", "std-dev")
    assert told(found)["variance"][1] == "(mmol/L).(mmol/L)"
    assert told(found)["skew"][1] == "1"
    assert told(found)["std-dev"][1] == "mmol/L"
    for number in range(5):
        await measure(anna, f"a{number}", f"3{number}", "Cel")
    (warm,) = await figures(anna, "variance")
    assert told(warm)["variance"] == ("2.5", None)


@pytest.mark.usefixtures("patient")
async def test_a_period_and_a_duration_narrow_it(anna):
    for day in range(1, 6):
        await measure(anna, f"a{day}", str(day), day=day)
    await measure(anna, "undated", "50", day=0)
    body = parameters(
        {"name": "subject", "valueUri": "Patient/p1"},
        {"name": "coding", "valueCoding": GLUCOSE["coding"][0]},
        {"name": "period", "valuePeriod": {"start": "2026-02-02", "end": "2026-02-04"}},
        {"name": "statistic", "valueCode": "sum"},
    )
    found = read(await post(anna, body, "/Observation/$stats"))["parameter"][0]
    assert told(found)["sum"] == (9, "mg/dL")
    assert found["resource"]["effectivePeriod"] == {"start": "2026-02-02", "end": "2026-02-04"}
    (recent,) = await figures(anna, "count", duration="0.5")
    assert told(recent)["count"] == ("0", "1")
    (all_,) = await figures(anna, "count", duration="400000")
    assert told(all_)["count"] == ("5", "1")
    assert set(all_["resource"]["effectivePeriod"]) == {"start", "end"}
    both = parameters(*body["parameter"], {"name": "duration", "valueDecimal": 1.5})
    refusal(await post(anna, both, "/Observation/$stats"), 400, "invalid")


PRESSURE = {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]}


def part(code, value):
    return {"code": {"coding": [{"code": code}]}, "valueQuantity": amount(value, "mm[Hg]")}


@pytest.mark.usefixtures("patient")
async def test_a_period_that_ends_before_it_starts_is_refused(anna):
    asked = [
        {"name": "subject", "valueUri": "Patient/p1"},
        {"name": "code", "valueString": "2345-7"},
        {"name": "statistic", "valueCode": "count"},
    ]
    for end, status in (("2026-03-02", 200), ("2026-03-01", 400)):
        period = {"name": "period", "valuePeriod": {"start": "2026-03-02", "end": end}}
        answer = await post(anna, parameters(*asked, period), "/Observation/$stats")
        assert answer.status_code == status, answer.text


@pytest.mark.usefixtures("patient")
async def test_a_panel_is_told_by_its_parts(anna):
    for id_, high, low in (("x", 120, 80), ("y", 130, 90)):
        parts = [part("8480-6", high), part("8462-4", low)]
        await measure(anna, id_, "", code=PRESSURE, component=parts)
    found = await figures(anna, "average", "count", code="85354-9")
    assert [one["resource"]["code"]["coding"][0]["code"] for one in found] == ["8480-6", "8462-4"]
    assert [told(one)["average"] for one in found] == [("125", "mm[Hg]"), ("85", "mm[Hg]")]
    query = {"subject": "Patient/p1", "coding": "8480-6", "statistic": "maximum"}
    answer = await anna.get(f"/Observation/$stats?{urlencode(query)}")
    (only,) = read(answer)["parameter"]
    assert told(only) == {"maximum": (130, "mm[Hg]")}


@pytest.mark.usefixtures("patient")
async def test_members_count_that_are_of_the_subject(anna):
    await put(anna, PATIENT | {"id": "p9"})
    await measure(anna, "m1", "5", "mmol/L")
    await measure(anna, "m2", "500", "mmol/L", subject="Patient/p9")
    await measure(anna, "m3", "500", "mmol/L", status="entered-in-error")
    members = [ref(f"Observation/{one}") for one in ("m1", "m2", "m3", "gone")]
    await measure(anna, "panel", "", code=PRESSURE, hasMember=members)
    (found,) = await figures(anna, "sum", "count", code="85354-9")
    assert told(found) == {"sum": ("5", "mmol/L"), "count": ("1", "1")}


@pytest.mark.usefixtures("patient")
async def test_the_sources_come_on_request(anna):
    for number in range(3):
        await measure(anna, f"a{number}", "1.50")
    found = await figures(anna, "count", include="true", limit="2")
    sources = [one["resource"]["id"] for one in found if one["name"] == "source"]
    assert sources == ["a2", "a1"]
    assert found[1]["resource"]["valueQuantity"]["value"] == "1.50"
    assert len(await figures(anna, "count", limit="2")) == 1


@pytest.mark.usefixtures("patient")
async def test_each_code_has_its_own_figures(anna):
    await measure(anna, "a", "1")
    await measure(anna, "b", "2", code={"coding": [{"system": "urn:x", "code": "B"}]})
    found = await figures(anna, "sum", code=["2345-7", "B"], system="urn:x")
    assert [told(one)["sum"] for one in found] == [None, ("2", "mg/dL")]
    query = urlencode({"subject": "Patient/p1", "code": "urn:x|B", "statistic": "count"})
    (named,) = read(await anna.get(f"/Observation/$stats?{query}"))["parameter"]
    assert told(named)["count"] == (1, "1")


@pytest.mark.usefixtures("patient")
async def test_what_the_caller_may_not_see_does_not_count(anna, gateway):
    await measure(anna, "a", "1")
    await measure(anna, "secret", "900", meta={"security": [LABEL]})
    (mine,) = await figures(anna, "maximum")
    assert told(mine)["maximum"] == ("900", "mg/dL")
    other = await gateway.campus("B")
    (theirs,) = await figures(other, "maximum", "total-count")
    assert told(theirs) == {"maximum": ("1", "mg/dL"), "total-count": ("1", "1")}


def told_of(door):
    events = [str(read_event(row[4])) for row in door.store.fetch("audit_after", (0, 1_000))]
    return [one for one in events if "$stats" in one]


@pytest.mark.usefixtures("patient")
async def test_one_event_tells_whom_the_figures_are_of(anna, door):
    await measure(anna, "open", "1")
    await measure(anna, "secret", "900", meta={"security": [LABEL]})
    await figures(anna, "maximum")
    (event,) = await until(lambda: told_of(door))
    assert "p1/_history/1" in event
    assert "secret/_history/1" in event
    assert "open/_history/1" not in event


@pytest.mark.parametrize(
    ("query", "status", "place"),
    [
        ("code=a&statistic=count", 400, "http.subject"),
        ("subject=Patient/p1&code=a", 400, "http.statistic"),
        ("subject=Patient/p1&code=a&statistic=mean", 400, "http.statistic"),
        ("subject=Patient/p1&statistic=count", 400, "http.coding"),
        ("subject=p1&code=a&statistic=count", 400, "subject"),
        ("subject=Practitioner/p1&code=a&statistic=count", 400, "subject"),
        ("subject=Patient/gone&code=a&statistic=count", 404, "subject"),
        ("subject=Patient/p1&code=a&statistic=count&duration=0", 400, "http.duration"),
        ("subject=Patient/p1&code=a&statistic=count&duration=x", 400, "http.duration"),
        ("subject=Patient/p1&code=a&statistic=count&period=2026", 400, "http.period"),
        ("subject=Patient/p1&code=a&statistic=count&limit=0", 400, "http.limit"),
        ("subject=Patient/p1&code=a&statistic=count&include=yes", 400, "http.include"),
    ],
)
@pytest.mark.usefixtures("patient")
async def test_what_it_cannot_answer_is_refused(anna, query, status, place):
    answer = await anna.get(f"/Observation/$stats?{query}")
    assert answer.status_code == status, answer.text
    assert answer.json()["issue"][0]["expression"] == [place]
