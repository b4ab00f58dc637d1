"""Small ECG files, made to be broken."""

import io

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

LEADS = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")


def sequence(lead="I", digits="1 2 3", scale='value="2.5" unit="uV"', origin="0"):
    return f"""<component><sequence><code code="MDC_ECG_LEAD_{lead}"/><value>
      <origin value="{origin}" unit="uV"/><scale {scale}/><digits>{digits}</digits>
      </value></sequence></component>"""


def aecg(
    *,
    leads=None,
    increment='value="0.002" unit="s"',
    annotations="",
    subject='<id root="1.2.3" extension="P1"/>',
    head="",
    series="",
):
    leads = sequence() if leads is None else leads
    return f"""{head}<AnnotatedECG xmlns="urn:hl7-org:v3"><id root="9.9"/>
    <effectiveTime><low value="20261122083000"/><high value="20261122083010"/></effectiveTime>
    <componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>{subject}
    </trialSubject></subject></subjectAssignment></componentOf></timepointEvent></componentOf>
    <component><series><code code="RHYTHM"/><component><sequenceSet>
    <component><sequence><code code="TIME_ABSOLUTE"/><value><head value="20261122083000"/>
    <increment {increment}/></value></sequence></component>{leads}</sequenceSet></component>{series}
    <subjectOf><annotationSet>{annotations}</annotationSet></subjectOf></series></component>
    </AnnotatedECG>""".encode()


def annotation(code, value="", unit="", inner="", kind="PQ"):
    body = f'<value xsi:type="{kind}" value="{value}" unit="{unit}"/>' if value else ""
    return f"""<component><annotation><code code="{code}" codeSystem="2.16.840.1.113883.6.24"/>
    {body}{inner}</annotation></component>"""


def code(value, scheme, meaning=""):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def channel(number="1", *, sensitivity="2.5", unit="uV", correction="1", baseline="0"):
    item = Dataset()
    item.ChannelSourceSequence = [code(f"2:{number}", "MDC", "Lead")]
    item.ChannelSensitivity = sensitivity
    item.ChannelSensitivityUnitsSequence = [code(unit, "UCUM")]
    item.ChannelSensitivityCorrectionFactor = correction
    item.ChannelBaseline = baseline
    return item


def group(samples, channels=None, *, rate="500", label="", original="ORIGINAL"):
    channels = channels or [channel()]
    item = Dataset()
    item.WaveformOriginality, item.MultiplexGroupLabel = original, label
    item.NumberOfWaveformChannels = len(channels)
    item.NumberOfWaveformSamples = len(samples) // len(channels)
    item.SamplingFrequency = rate
    item.ChannelDefinitionSequence = channels
    item.WaveformBitsAllocated, item.WaveformSampleInterpretation = 16, "SS"
    item.WaveformData = b"".join(one.to_bytes(2, "little", signed=True) for one in samples)
    return item


def dicom(*groups, **elements):
    data = Dataset()
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.9.1.1"
    data.SOPInstanceUID = "1.2.3.4"
    data.AcquisitionDateTime = "20261122083000"
    data.PatientID = "P1"
    for name, value in elements.items():
        setattr(data, name, value)
    if groups:
        data.WaveformSequence = list(groups)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    out = io.BytesIO()
    data.save_as(out, enforce_file_format=True)
    return out.getvalue()
