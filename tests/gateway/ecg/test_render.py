import re
from itertools import pairwise

import pytest

from adapters.ecg.xml import read
from gateway.ecg.render import Caption, svg
from gateway.ecg.trace import Trace, traces

CAPTION = Caption('心电图 "12" <>', ("张三 <男>", "2026-11-22"), "未确认", ("25 mm/s",), "!", "无")
NAMES = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def spike(at, *, rate=500, seconds=10, height=1000.0):
    """A flat line with one sample that is higher."""
    values = [0.0] * (rate * seconds)
    values[at] = height
    return tuple(values)


def points(drawing, lead, index=0):
    """The points of one line of a lead in mm, the pen's lifts as None."""
    lines = [
        line for name, line in re.findall(r'data-lead="(\w+)" d="([^"]*)"', drawing) if name == lead
    ]
    found, at = [], (0, 0)
    for move in re.findall(r"M(-?\d+) (-?\d+)l0 0((?: -?\d+ -?\d+)*)", lines[index]):
        at = int(move[0]), int(move[1])
        found += [None, at]
        numbers = [int(word) for word in move[2].split()]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            at = at[0] + dx, at[1] + dy
            found.append(at)
    return [one and (one[0] / 100, one[1] / 100) for one in found]


def test_one_millivolt_is_ten_millimetres_up():
    drawing = svg([Trace("II", spike(2500), 500)], CAPTION, "12x1")
    drawn = [one for one in points(drawing, "II") if one]
    heights = [y for _, y in drawn]
    assert max(heights) - min(heights) == pytest.approx(10, abs=0.01)
    assert heights[2500] == min(heights)


@pytest.mark.parametrize("rate", [100, 240, 360, 500, 1000])
def test_one_second_is_twenty_five_millimetres(rate):
    drawing = svg([Trace("II", spike(0, rate=rate), rate)], CAPTION, "12x1")
    drawn = [one for one in points(drawing, "II") if one]
    assert drawn[rate][0] - drawn[0][0] == pytest.approx(25, abs=0.01)
    assert drawn[-1][0] - drawn[0][0] == pytest.approx(250, abs=0.01 + 25 / rate)


def test_the_calibration_pulse_is_one_millivolt_for_a_fifth_of_a_second():
    drawing = svg([Trace(name, spike(5), 500) for name in NAMES], CAPTION)
    pulse = re.search(r'class="ecg-pulse" d="([^"]*)"', drawing)[1]
    pulses = re.findall(r"M5 [\d.]+h2\.5v-10h5v10h2\.5", pulse)
    assert len(pulses) == 4
    assert "".join(pulses) == pulse


def test_columns_follow_each_other_in_time_and_carry_their_own_lead():
    # Each lead is high at its own moment; it must be seen in its own column and nowhere else.
    moments = {name: 300 + 1250 * (NAMES.index(name) // 3) for name in NAMES}
    leads = [Trace(name, spike(at, height=500.0 + at), 500) for name, at in moments.items()]
    drawing = svg(leads, CAPTION)
    for name, at in moments.items():
        if name == "II":
            continue
        drawn = [one for one in points(drawing, name) if one]
        (top,) = [one for one in drawn if one[1] < drawn[5][1] - 1]
        assert top[0] == pytest.approx(15 + at / 500 * 25, abs=0.01)
        assert drawn[5][1] - top[1] == pytest.approx((500 + at) / 100, abs=0.01)


def test_the_rhythm_strip_is_ten_seconds_of_lead_ii():
    drawing = svg([Trace(name, spike(5), 500) for name in NAMES], CAPTION)
    strip = [one for one in points(drawing, "II", 1) if one]
    assert len(strip) == 5000
    assert strip[0][0] == 15


def test_one_column_ends_where_the_next_begins():
    drawing = svg([Trace(name, spike(5), 500) for name in NAMES], CAPTION)
    row = [[one for one in points(drawing, name) if one] for name in ("I", "aVR", "V1", "V4")]
    for left, right in pairwise(row):
        assert left[-1][0] == right[0][0]


def test_a_column_recorded_later_stands_at_its_own_time():
    leads = [Trace("I", spike(5, seconds=2), 500), Trace("V1", spike(5, seconds=2), 500, start=5.0)]
    drawing = svg(leads, CAPTION)
    assert next(one for one in points(drawing, "V1") if one)[0] == 15 + 125


def test_a_sample_without_value_lifts_the_pen():
    values = (0.0, 10.0, None, None, 20.0, 0.0)
    drawn = points(svg([Trace("II", values, 100)], CAPTION, "12x1"), "II")
    assert [one is None for one in drawn] == [True, False, False, True, False, False]


def test_an_offset_of_the_device_does_not_leave_the_paper():
    values = tuple(one - 17_000 for one in spike(5))
    drawn = [one for one in points(svg([Trace("II", values, 500)], CAPTION, "12x1"), "II") if one]
    assert drawn[0][1] == 30


def test_a_lead_that_is_not_there_is_named_as_absent():
    drawing = svg([Trace("I", spike(5), 500)], CAPTION)
    assert ">V6 无</text>" in drawing
    assert ">I</text>" in drawing


def test_a_lead_of_another_name_is_drawn_too():
    drawing = svg([Trace("I", spike(5), 500), Trace("V4R", spike(5), 500)], CAPTION)
    assert 'data-lead="V4R"' in drawing
    assert 'data-lead="V4R"' in svg([Trace("V4R", spike(5), 500)], CAPTION)


@pytest.mark.parametrize("layout", ["3x4", "12x1"])
@pytest.mark.parametrize("leads", [[], [Trace("II", (None, None), 500)], [Trace("II", (1.0,), 1)]])
def test_the_drawing_is_sound_whatever_there_is(layout, leads):
    root = read(svg(leads, CAPTION, layout).encode())
    assert root.get("aria-label") == '心电图 "12" <>'


def test_there_is_nothing_that_the_pages_policy_forbids():
    drawing = svg([Trace(name, spike(5), 500) for name in NAMES], CAPTION)
    assert " style=" not in drawing
    assert "<style" not in drawing
    assert "<script" not in drawing
    assert "url(" not in drawing
    assert "张三 &lt;男&gt;" in drawing


def test_a_waveform_becomes_lines_in_microvolts():
    sampled = {"origin": {"value": -5}, "factor": 2.5, "period": 2, "data": "1 E -3"}
    component = {"code": {"text": "aVF"}, "valueSampledData": sampled}
    (found,) = traces({"component": [component, {"code": {"text": "x"}}]}, 1.5)
    assert found == Trace("aVF", (-2.5, None, -12.5), 500, 1.5)
    assert found.end == 1.506
