import pytest

from adapters.ecg import parse
from adapters.errors import CharsetError, EnvelopeError, ExcessError, UnsupportedError
from tests.adapters.ecg.files import aecg, annotation, sequence


def leads(body):
    return {lead.name: lead for one in parse(body).series for lead in one.leads}


def faults(body):
    return [one.code for one in parse(body).faults]


def skips(body):
    return [(one.code, one.place) for one in parse(body).skips]


def test_units_and_origin_are_told_in_microvolts():
    body = aecg(leads=sequence(scale='value="0.00122" unit="mV"', origin="-5"))
    assert (leads(body)["I"].scale, leads(body)["I"].origin) == ("1.22", "-5")


def test_a_lead_name_is_written_as_the_standard_writes_it():
    assert list(leads(aecg(leads=sequence("AVR") + sequence("aVL")))) == ["aVR", "aVL"]


def test_an_unknown_lead_keeps_its_name_and_is_remarked():
    found = parse(aecg(leads=sequence("PACE")))
    assert [one.name for one in found.series[0].leads] == ["PACE"]
    assert [one.code for one in found.remarks] == ["unknown-lead"]


def test_a_sample_without_value_is_absent():
    assert leads(aecg(leads=sequence(digits="1 -32768 3")))["I"].samples == (1, None, 3)


@pytest.mark.parametrize("digits", ["1 x 3", "", "1.5 2", "99999999999", "1,2"])
def test_samples_that_are_no_integers_are_a_fault(digits):
    assert faults(aecg(leads=sequence(digits=digits))) in (
        ["unreadable-samples"],
        ["missing-waveform"],
    )


@pytest.mark.parametrize(
    "scale", ['value="0" unit="uV"', 'value="2.5"', 'value="2.5" unit="mmHg"', 'value="1E99999"']
)
def test_a_scale_is_never_guessed(scale):
    assert faults(aecg(leads=sequence(scale=scale))) == ["missing-scale"]


@pytest.mark.parametrize(
    "increment", ['value="0" unit="s"', 'value="-1"', 'unit="s"', 'value="2" unit="h"']
)
def test_a_rate_is_never_guessed(increment):
    assert faults(aecg(increment=increment)) == ["missing-sampling-rate"]


def test_the_rate_follows_from_the_increment():
    (series,) = parse(aecg(increment='value="4" unit="ms"')).series
    assert (series.rate, series.period) == ("250", "4")


def test_a_file_without_leads_is_at_fault():
    assert faults(aecg(leads="")) == ["missing-waveform"]


def test_a_lead_given_twice_is_taken_once():
    body = aecg(leads=sequence(digits="1 2") + sequence(digits="3 4"))
    assert leads(body)["I"].samples == (1, 2)
    assert skips(body) == [("repeated", "lead[2]")]


def test_a_representative_beat_is_no_rhythm():
    inner = f"<component><sequenceSet>{sequence(digits='7 8')}</sequenceSet></component>"
    derived = f"<derivation><derivedSeries>{inner}</derivedSeries></derivation>"
    body = aecg(series=derived)
    assert leads(body)["I"].samples == (1, 2, 3)
    assert skips(body) == [("representative-beat", "lead[2]")]


def test_series_of_other_times_stay_apart():
    body = aecg().replace(
        b"</series></component>",
        b"</series></component><component><series>"
        b'<effectiveTime><low value="20261122090000"/></effectiveTime><component><sequenceSet>'
        b'<component><sequence><value><increment value="0.002" unit="s"/></value></sequence>'
        b"</component>"
        + sequence("V1").encode()
        + b"</sequenceSet></component></series></component>",
    )
    assert [one.start for one in parse(body).series] == ["20261122083000", "20261122090000"]


def test_an_examination_has_its_own_clock_before_that_of_its_samples():
    body = aecg().replace(b'<head value="20261122083000"/>', b'<head value="20171122083000"/>')
    (series,) = parse(body).series
    assert (series.start, series.head) == ("20261122083000", "20171122083000")


@pytest.mark.parametrize("value", ["0", "-5", "29999", "19999", "9999", "32767", "-32768"])
def test_what_was_not_measured_is_never_a_value(value):
    body = aecg(annotations=annotation("MDC_ECG_TIME_PD_PR", value, "ms"))
    assert parse(body).measurements == ()
    assert skips(body) == [("absent-value", "measurement[1]")]


def test_an_axis_may_be_zero_or_below():
    body = aecg(
        annotations=annotation("MDC_ECG_ANGLE_P_FRONT", "0", "deg")
        + annotation("MDC_ECG_ANGLE_QRS_FRONT", "-30", "deg")
    )
    assert [one.value for one in parse(body).measurements] == ["0", "-30"]


def test_a_missing_unit_is_that_of_the_code_and_remarked():
    found = parse(aecg(annotations=annotation("MDC_ECG_TIME_PD_QT", "400")))
    assert [one.unit for one in found.measurements] == ["ms"]
    assert [one.code for one in found.remarks] == ["assumed-unit"]


def test_a_nested_value_of_a_maker_is_found():
    inner = annotation("MINDRAY_ECG_TIME_PD_QTcH", "413", "ms")
    found = parse(aecg(annotations=annotation("MDC_ECG_TIME_PD_QTc", "0", "ms", inner)))
    assert [(one.kind, one.value) for one in found.measurements] == [("qtc", "413")]


def test_beats_that_differ_give_no_mean():
    beats = "".join(
        annotation("MDC_ECG_BEAT", inner=annotation("MDC_ECG_TIME_PD_QRS", value, "ms"))
        for value in ("90", "140")
    )
    body = aecg(annotations=beats)
    assert parse(body).measurements == ()
    assert skips(body) == [("differs-by-beat", "measurement[1]")]


def test_statements_are_kept_word_for_word_and_in_order():
    said = annotation(
        "MDC_ECG_INTERPRETATION",
        inner='<component><annotation><code code="MDC_ECG_INTERPRETATION_STATEMENT"/>'
        "<value>窦性心律</value></annotation></component><component><annotation>"
        '<code code="MDC_ECG_INTERPRETATION_SUMMARY"/><value> 正常 </value>'
        "</annotation></component>",
    )
    found = parse(aecg(annotations=said)).statements
    assert [(one.kind, one.text) for one in found] == [
        ("statement", "窦性心律"),
        ("summary", "正常"),
    ]


def test_an_id_without_extension_names_nobody_and_a_makers_element_does():
    person = "<subjectDemographicPerson><PatientID>77</PatientID></subjectDemographicPerson>"
    subject = parse(aecg(subject=f'<id root="1.2"/>{person}')).subject
    assert (subject.number, subject.authority) == ("77", "")


@pytest.mark.parametrize(
    "body",
    [
        b"<AnnotatedECG>",
        b"<AnnotatedECG/><AnnotatedECG/>",
        b"<a:b xmlns",
        b"\xff\xfe<\x00",
        b"<AnnotatedECG>\x00</AnnotatedECG>",
        b'<?xml version="1.0" encoding="klingon"?><AnnotatedECG/>',
        b"<AnnotatedECG>\xff\xff</AnnotatedECG>",
        b"<",
    ],
)
def test_broken_xml_is_refused(body):
    with pytest.raises(EnvelopeError):
        parse(body)


def test_entities_and_document_types_are_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(EnvelopeError) as refused:
        parse(aecg(head=bomb))
    assert refused.value.location == "DOCTYPE"


def test_endless_nesting_is_refused():
    with pytest.raises(ExcessError):
        parse(b"<AnnotatedECG>" + b"<a>" * 1000)
    with pytest.raises(ExcessError):
        parse(b"<AnnotatedECG>" + b"<a/>" * 300_000 + b"</AnnotatedECG>")


def test_a_days_recording_is_no_resting_ecg():
    assert faults(aecg(leads=sequence(digits="1 " * 2_000_001))) == ["too-many-parts"]


def test_other_xml_is_not_supported():
    with pytest.raises(UnsupportedError):
        parse(b"<RestingECG/>")


@pytest.mark.parametrize("name", ["GB2312", "gbk", "GB18030"])
def test_chinese_encodings_are_read(name):
    person = "<subjectDemographicPerson><name>张三</name></subjectDemographicPerson>"
    body = aecg(
        head=f'<?xml version="1.0" encoding="{name}"?>', subject=f'<id extension="1"/>{person}'
    )
    assert parse(body.decode().encode("gb18030")).subject.name == "张三"


def test_bytes_that_are_not_what_they_say_are_refused():
    with pytest.raises(CharsetError):
        parse(b'<?xml version="1.0" encoding="GBK"?><AnnotatedECG>\xff\xff</AnnotatedECG>')


def test_utf_16_and_a_misspelt_latin_1_are_read():
    text = aecg().decode()
    assert parse(text.encode("utf-16")).subject.number == "P1"
    misspelt = '<?xml version="1.0" encoding="ISO8859-1"?>' + text
    assert parse(misspelt.encode()).subject.number == "P1"
