"""A multiplex group of a DICOM waveform: channels interleaved sample by sample (PS3.3 C.10.9.1).

voltage = raw * ChannelSensitivity * ChannelSensitivityCorrectionFactor + ChannelBaseline
"""

import sys
from array import array
from decimal import Decimal
from typing import Any, Final

from pydicom.dataset import Dataset

from adapters.ecg.codes import LEADS, NO_SAMPLE, SCPECG_LEADS, UNITS_UV
from adapters.ecg.numbers import decimal, inverse, plain, product
from adapters.ecg.reading import Reading, clean
from adapters.ecg.records import Filters, Lead, Remark, Series

INTERPRETATIONS: Final = {"SB": "b", "UB": "B", "SS": "h", "US": "H", "SL": "i", "UL": "I"}
"""Array type codes; companded samples (MB, AB) are audio's."""
MAX_CHANNELS: Final = 100


def read_group(
    group: Dataset, index: int, reading: Reading, *, beat: bool
) -> tuple[Series, Filters] | None:
    """Return the leads of a group; of a representative beat they are only counted."""
    channels = list(group.get("ChannelDefinitionSequence") or ())
    place = f"WaveformSequence[{index}]"
    if beat:
        for _ in channels[:MAX_CHANNELS]:
            reading.skip("lead", "representative-beat")
        return None
    columns = _columns(group, len(channels))
    if columns is None:
        reading.fault("unreadable-samples", place)
        return None
    rate = decimal(_plain(group, "SamplingFrequency")) or Decimal(0)
    if rate <= 0:
        reading.fault("missing-sampling-rate", place)
        return None
    has_room = reading.has_room(sum(map(len, columns)), place)
    padding = _padding(group, reading, place)
    leads = _leads(group, columns, padding, reading) if has_room else {}
    if not leads:
        return None
    offset = decimal(_plain(group, "MultiplexGroupTimeOffset"))
    found = Series(
        leads=tuple(leads.values()),
        rate=plain(rate),
        period=inverse(1000, rate),
        offset=plain(offset) if offset else "",
    )
    return found, _filters(channels[0])


def _leads(
    group: Dataset, columns: "list[array[int]]", padding: int | None, reading: Reading
) -> dict[str, Lead]:
    leads: dict[str, Lead] = {}
    for channel, column in zip(group.ChannelDefinitionSequence, columns, strict=True):
        lead = _lead(channel, column, padding, reading)
        if lead is not None and lead.name in leads:
            reading.skips.append(Remark("repeated", f"lead[{reading.received['lead']}]"))
        elif lead is not None:
            leads[lead.name] = lead
    return leads


def _plain(data: Dataset, keyword: str) -> str:
    value: Any = data.get(keyword)
    return "" if value is None else str(getattr(value, "original_string", value))


def _columns(group: Dataset, channels: int) -> "list[array[int]] | None":
    """Return the samples channel by channel, None if they are not what the group says."""
    kind = INTERPRETATIONS.get(_plain(group, "WaveformSampleInterpretation"))
    data: Any = group.get("WaveformData")
    count: Any = group.get("NumberOfWaveformSamples")
    if not kind or not isinstance(data, bytes) or not isinstance(count, int) or count < 1:
        return None
    if not 0 < channels <= MAX_CHANNELS or group.get("NumberOfWaveformChannels") != channels:
        return None
    values: array[int] = array(kind)
    if group.get("WaveformBitsAllocated") != values.itemsize * 8:
        return None
    size = count * channels * values.itemsize
    if len(data) < size:
        return None
    values.frombytes(data[:size])
    if _is_big_endian(group) != (sys.byteorder == "big"):
        values.byteswap()
    return [values[index::channels] for index in range(channels)]


def _is_big_endian(group: Dataset) -> bool:
    return group.original_encoding[1] is False


def _padding(group: Dataset, reading: Reading, place: str) -> int | None:
    """Return the value that means no sample, None if there is none."""
    raw: Any = group.get("WaveformPaddingValue")
    signed = _plain(group, "WaveformSampleInterpretation").startswith("S")
    if isinstance(raw, bytes) and raw:
        order = "big" if _is_big_endian(group) else "little"
        raw = int.from_bytes(raw, "big" if order == "big" else "little", signed=signed)
    if raw == 0:
        # 0 V is what a resting heart shows most of the time; some writers put it there.
        reading.remark("padding-ignored", place)
        raw = None
    return raw if isinstance(raw, int) else None


def _lead(
    channel: Dataset, column: "array[int]", padding: int | None, reading: Reading
) -> Lead | None:
    place = reading.count("lead")
    name = _standard_name(channel)
    units = next(iter(channel.get("ChannelSensitivityUnitsSequence") or ()), Dataset())
    unit = str(units.get("CodeValue", "")).strip()
    factor = UNITS_UV.get(unit)
    if unit and not factor and not name:
        # A pressure or a respiration, which catheter laboratories record beside the leads.
        reading.skips.append(Remark("no-voltage", place))
        return None
    if not name:
        reading.remark("unknown-lead", place)
        name = _written_name(channel)
    sensitivity = decimal(_plain(channel, "ChannelSensitivity"))
    correction = decimal(_plain(channel, "ChannelSensitivityCorrectionFactor") or "1")
    baseline = decimal(_plain(channel, "ChannelBaseline") or "0")
    if not factor or not sensitivity or not correction or baseline is None:
        reading.fault("missing-scale", place)
        return None
    absent = {padding, NO_SAMPLE if column.typecode == "h" else None} - {None}
    samples: tuple[int | None, ...] = tuple(column)
    if not absent.isdisjoint(samples):
        samples = tuple(None if one in absent else one for one in samples)
    scale = product(sensitivity, correction, factor)
    return Lead(name, samples, plain(scale), plain(product(baseline, factor)))


def _standard_name(channel: Dataset) -> str:
    """Return the name of a standard lead by its code, else by its words, "" if it is none."""
    source = _source(channel)
    code = str(source.get("CodeValue", "")).strip()
    scheme = str(source.get("CodingSchemeDesignator", "")).strip()
    for prefix in ("5.6.3-9-", "2:"):
        known = SCPECG_LEADS.get(code.removeprefix(prefix)) if code.startswith(prefix) else None
        if known and scheme in {"SCPECG", "MDC"}:
            return known
    words = _words(channel).upper().removeprefix("LEAD")
    return LEADS.get(words.partition("(")[0].partition(",")[0].strip(), "")


def _written_name(channel: Dataset) -> str:
    return _words(channel) or clean(str(_source(channel).get("CodeValue", "")).strip()) or "?"


def _source(channel: Dataset) -> Dataset:
    return next(iter(channel.get("ChannelSourceSequence") or ()), Dataset())


def _words(channel: Dataset) -> str:
    return clean(str(_source(channel).get("CodeMeaning", "") or channel.get("ChannelLabel", "")))


def _filters(channel: Dataset) -> Filters:
    def hertz(keyword: str) -> str:
        number = decimal(_plain(channel, keyword))
        return plain(number) if number else ""

    return Filters(
        hertz("FilterLowFrequency"), hertz("FilterHighFrequency"), hertz("NotchFilterFrequency")
    )
