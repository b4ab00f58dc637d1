"""The curve's data and its table twin."""

import pytest

from gateway.web.display.reader import Reader
from gateway.web.display.trend import trend
from gateway.web.sources import Measurement
from gateway.web.speech import CHINESE
from tests.gateway.web.sample import CAMPUSES, MMOL, NOW, K, at, observation

READER = Reader(CHINESE, NOW, "A", {one.code: one for one in CAMPUSES})


def series(*values):
    """A trend of (value, days ago, more), the newest first."""
    made = [
        Measurement(observation(f"k-{n}", more.pop("campus", "A"), K, value, when=at(days), **more))
        for n, (value, days, more) in enumerate(values)
    ]
    return trend(made[0], made[1:], READER)


def test_plotted_numbers_and_shown_strings_travel_apart():
    shown = series((("4.10", MMOL), 0, {}), (("3.0", MMOL), 9, {"interval": "3.5~5.3"}))
    first, second = shown.curve["points"]
    assert (first["y"], first["text"], first["low"], first["high"]) == (3.0, "3.0 mmol/L", 3.5, 5.3)
    assert (second["y"], second["text"], second["low"]) == (4.1, "4.10 mmol/L", None)
    assert first["t"] < second["t"]
    assert [line.value.text for line in shown.lines] == ["4.10", "3.0"]
    assert [line.place for line in shown.lines] == ["this", "before"]


def test_a_bound_is_drawn_apart_and_a_void_result_is_a_gap():
    shown = series(
        (("4.1", MMOL), 0, {}),
        (("0.50", MMOL, "<"), 1, {}),
        (("9", MMOL), 2, {"status": "cancelled"}),
        (("3.9", MMOL), 3, {}),
    )
    kinds = [(point["kind"], point["y"]) for point in shown.curve["points"]]
    assert kinds == [("point", 3.9), ("gap", None), ("bound", 0.5), ("point", 4.1)]


def test_two_at_one_time_are_one_mark_and_two_lines():
    shown = series((("4.1", MMOL), 0, {}), (("4.3", MMOL), 2, {}), (("4.2", MMOL), 2, {}))
    assert [(point["y"], point["times"]) for point in shown.curve["points"]] == [(4.2, 2), (4.1, 1)]
    assert len(shown.lines) == 3


@pytest.mark.parametrize(
    "values",
    [
        [(("4.1", MMOL), 0, {})],
        [(("4.1", MMOL), 0, {}), (("0.5", MMOL, "<"), 1, {})],
        [((f"{n}", MMOL), n, {"campus": f"X{n}"}) for n in range(6)],
    ],
    ids=["one number", "one number and a bound", "six campuses"],
)
def test_too_few_numbers_or_too_many_campuses_are_a_table_alone(values):
    shown = series(*values)
    assert shown.curve == {}
    assert len(shown.lines) == len(values)


@pytest.mark.parametrize(
    ("small", "large", "scale"),
    [
        ("0.1", "10.1", "log"),
        ("0.1", "10", "linear"),
        ("0", "999", "linear"),
        ("-1", "5", "linear"),
    ],
)
def test_a_wide_span_of_positive_numbers_is_logarithmic(small, large, scale):
    assert series(((small, ""), 0, {}), ((large, ""), 1, {})).curve["scale"] == scale


def test_campuses_are_numbered_in_order_of_appearance():
    shown = series((("4", ""), 0, {"campus": "A"}), (("5", ""), 1, {"campus": "B"}))
    assert shown.curve["campuses"] == ["县医", "东镇"]
    assert shown.glyphs == {"县医": 0, "东镇": 1}


def test_an_undated_result_is_in_the_table_alone():
    shown = series((("4.1", MMOL), 0, {}), (("4.3", MMOL), 2, {}))
    undated = observation("k-x", "A", K, ("9.9", MMOL), when="")
    more = trend(
        Measurement(undated),
        [Measurement(observation("k-y", "A", K, (f"{n}", MMOL), when=at(n))) for n in (1, 2)],
        READER,
    )
    assert [point["y"] for point in more.curve["points"]] == [2.0, 1.0]
    assert more.lines[0].at is None
    assert len(shown.curve["points"]) == 2
