import random
import struct
import zlib
from contextlib import suppress

import pytest

from adapters.dicom.part10 import preamble
from adapters.dicom.syntax import DEFLATED, EXPLICIT_LITTLE
from adapters.ecg import has_twelve_leads, parse
from adapters.errors import EnvelopeError, UnsupportedError
from tests.adapters.ecg.files import aecg, channel, code, dicom, group


def leads(body):
    return {lead.name: lead for one in parse(body).series for lead in one.leads}


def faults(body):
    return [one.code for one in parse(body).faults]


def test_sensitivity_correction_and_baseline_make_the_scale():
    body = dicom(
        group([1, 2], [channel(sensitivity="0.001", unit="mV", correction="4.88", baseline="0.5")])
    )
    assert (leads(body)["I"].scale, leads(body)["I"].origin) == ("4.88", "500")


def test_channels_are_interleaved_sample_by_sample():
    body = dicom(group([1, 10, 2, 20], [channel("1"), channel("63")]))
    assert {name: lead.samples for name, lead in leads(body).items()} == {
        "I": (1, 2),
        "aVL": (10, 20),
    }


def test_padding_is_absent_but_zero_is_a_voltage():
    padded = group([1, -32768, 777])
    padded.WaveformPaddingValue = (777).to_bytes(2, "little")
    assert leads(dicom(padded))["I"].samples == (1, None, None)
    zero = group([1, 0])
    zero.WaveformPaddingValue = b"\0\0"
    assert leads(dicom(zero))["I"].samples == (1, 0)


@pytest.mark.parametrize(
    ("label", "original", "taken"),
    [
        ("RHYTHM", "ORIGINAL", True),
        ("Rhythm", "DERIVED", True),
        ("", "ORIGINAL", True),
        ("", "DERIVED", False),
        ("MEDIAN BEAT", "ORIGINAL", False),
        ("Median", "DERIVED", False),
    ],
)
def test_a_group_is_known_by_label_and_originality(label, original, taken):
    found = parse(dicom(group([5, 6], label=label, original=original), group([1, 2])))
    assert len(found.series) == 1 + taken
    assert len(found.skips) == 1 - taken


def test_the_place_of_a_group_says_nothing():
    found = parse(dicom(group([5, 6], label="MEDIAN", original="DERIVED"), group([1, 2])))
    assert [one.leads[0].samples for one in found.series] == [(1, 2)]


def test_a_later_group_keeps_its_offset():
    later = group([1, 2], [channel("3")])
    later.MultiplexGroupTimeOffset = "2500"
    found = parse(dicom(group([1, 2]), later))
    assert [one.offset for one in found.series] == ["", "2500"]


def test_a_scale_and_a_rate_are_never_guessed():
    assert faults(dicom(group([1, 2], [channel(unit="mmHg")]))) == ["missing-scale"]
    assert faults(dicom(group([1, 2], [channel(sensitivity="0")]))) == ["missing-scale"]
    assert faults(dicom(group([1, 2], rate="0"))) == ["missing-sampling-rate"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NumberOfWaveformSamples", 4_000_000_000),
        ("NumberOfWaveformSamples", 0),
        ("NumberOfWaveformChannels", 7),
        ("WaveformBitsAllocated", 8),
        ("WaveformSampleInterpretation", "MB"),
    ],
)
def test_samples_that_are_not_what_the_group_says_are_a_fault(name, value):
    wrong = group([1, 2])
    setattr(wrong, name, value)
    assert faults(dicom(wrong)) == ["unreadable-samples"]


def test_a_days_recording_is_no_resting_ecg():
    long = group([0])
    long.NumberOfWaveformSamples, long.WaveformData = 2_000_001, bytes(4_000_002)
    assert faults(dicom(long)) == ["too-many-parts"]


def test_a_lead_is_known_by_its_words_where_its_code_is_a_makers():
    worded = channel()
    worded.ChannelSourceSequence = [code("X1", "99X", "Lead aVF, augmented voltage, foot")]
    assert list(leads(dicom(group([1, 2], [worded])))) == ["aVF"]
    worded.ChannelSourceSequence = [code("X1", "99X", "Pacer")]
    assert list(leads(dicom(group([1, 2], [worded])))) == ["Pacer"]


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_name_without_character_set_is_read_as_chinese_senders_write_it(charset):
    body = dicom(group([1, 2]), PatientName="AA^BBBB")
    name = "张^三".encode(charset)
    body = body.replace(b"AA^BBBB ", name.ljust(8))
    found = parse(body)
    assert found.subject.name == "张^三"
    assert "assumed-charset" in {one.code for one in found.remarks}


@pytest.mark.parametrize("declared", ["GB2312", "UTF-8", "ISO_IR 999"])
def test_a_character_set_that_does_not_exist_is_none(declared):
    body = dicom(group([1, 2]), PatientName="AA^BBBB", SpecificCharacterSet="ISO_IR 100")
    body = body.replace(b"ISO_IR 100", declared.encode().ljust(10))
    body = body.replace(b"AA^BBBB ", "张^三".encode("gb18030").ljust(8))
    assert parse(body).subject.name == "张^三"


def test_a_declared_character_set_holds():
    found = parse(dicom(group([1, 2]), PatientName="张^三", SpecificCharacterSet="GB18030"))
    assert found.subject.name == "张^三"
    assert found.remarks == ()


def test_control_characters_are_no_part_of_a_text():
    body = dicom(group([1, 2]), PatientName="AA^BB").replace(b"AA^BB", b"A\x00^B\x07")
    assert parse(body).subject.name == "A ^B"


def pressure(label="Aortic pressure"):
    """A channel of a catheter laboratory that is no lead."""
    channel_ = channel(unit="mm[Hg]")
    channel_.ChannelSourceSequence = [code("109016", "DCM", label)]
    return channel_


def test_a_pressure_beside_the_leads_is_passed_over_and_counted():
    found = parse(dicom(group([1, 90, 2, 91], [channel("1"), pressure()])))
    assert [lead.name for one in found.series for lead in one.leads] == ["I"]
    assert (found.faults, found.remarks) == ((), ())
    assert [(one.code, one.place) for one in found.skips] == [("no-voltage", "lead[2]")]


def test_pressures_alone_are_no_ecg():
    assert faults(dicom(group([90, 91], [pressure()]))) == ["missing-waveform"]


EIGHT = ("1", "2", "3", "4", "5", "6", "7", "8")


@pytest.mark.parametrize(
    ("numbers", "twelve"),
    [(EIGHT, True), ((*EIGHT, "61", "62", "63", "64"), True), (EIGHT[:7], False), ("2", False)],
)
def test_eight_independent_leads_at_one_time_are_a_twelve_lead_ecg(numbers, twelve):
    channels = [channel(one) for one in numbers]
    assert has_twelve_leads(parse(dicom(group(list(range(len(channels))), channels)))) == twelve


def test_leads_of_several_times_are_no_twelve_lead_ecg():
    halves = [group([1, 2, 3, 4], [channel(one) for one in part]) for part in ("1234", "5678")]
    assert not has_twelve_leads(parse(dicom(*halves)))


def element(tag, kind, value, length=None):
    size = len(value) if length is None else length
    return struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, kind, 0, size) + value


UIDS = b"\x08\x00\x18\x00UI\x04\x001.2\0"
BOMB = zlib.compressobj(9, wbits=-15)
HOSTILE = {
    "bomb": (
        DEFLATED,
        BOMB.compress(UIDS + element(0x54001010, b"OW", b"", 70 << 20))
        + b"".join(BOMB.compress(bytes(1 << 20)) for _ in range(70))
        + BOMB.flush(),
    ),
    "deep": (
        EXPLICIT_LITTLE,
        UIDS
        + (element(0x54000100, b"SQ", b"", 0xFFFFFFFF) + b"\xfe\xff\x00\xe0\xff\xff\xff\xff")
        * 5000,
    ),
    "huge": (EXPLICIT_LITTLE, UIDS + element(0x54001010, b"OW", b"1234", 0xFFFFFFF0)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_claims_or_inflates_to_more_than_it_may_is_refused_before_it_is_read(name):
    syntax, data = HOSTILE[name]
    with pytest.raises(EnvelopeError) as refused:
        parse(preamble("1.2.840.10008.5.1.4.1.1.9.1.1", "1.2", syntax) + data)
    assert not isinstance(refused.value, UnsupportedError)


def test_an_object_without_waveform_is_not_supported():
    with pytest.raises(UnsupportedError):
        parse(dicom())


def test_no_mutation_of_a_file_does_more_than_be_refused():
    rand = random.Random(4)  # noqa: S311 - the same mutations every time
    for whole in (dicom(group([1, 2, 3]), PatientName="A^B"), aecg()):
        for _ in range(400):
            body = bytearray(whole)
            for _ in range(rand.randrange(1, 6)):
                body[rand.randrange(len(body))] = rand.randrange(256)
            cut = rand.randrange(len(body)) if rand.random() < 0.3 else len(body)
            with suppress(EnvelopeError):
                parse(bytes(body[:cut]))
