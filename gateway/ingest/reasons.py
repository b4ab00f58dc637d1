"""Why a message waits in quarantine, in words for whoever sees to it.

The codes are those of docs/reference/quarantine.md, which says what to do about each.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Reason(NamedTuple):
    """One reason in Chinese and English; neither ever holds a value of a message."""

    zh: str
    en: str


REASONS: Final[Mapping[str, Reason]] = {
    # Of the mappers.
    "missing-pid": Reason("缺少患者信息段", "there is no patient segment"),
    "missing-patient-number": Reason("没有可用的患者编号", "no number names the patient"),
    "missing-obr": Reason("缺少申请或报告段", "there is no order or report segment"),
    "missing-report-number": Reason("没有可用的报告编号", "no number names the report"),
    "missing-order-number": Reason("没有可用的申请单号", "no number names the order"),
    "missing-status": Reason(
        "结果没有状态，无法判断是否终审", "a result has no status, so it may not be final"
    ),
    "too-many-parts": Reason("报文的段或字段过多", "the message has too many parts"),
    "missing-waveform": Reason("没有节律波形", "it has no rhythm leads"),
    "missing-sampling-rate": Reason("没有采样率", "the sampling rate is missing"),
    "missing-scale": Reason("导联没有幅度单位", "a lead does not say what voltage a step is"),
    "unreadable-samples": Reason("导联数据无法解读", "the samples of a lead cannot be read"),
    # Of DICOM objects.
    "not-dicom": Reason("不是 DICOM 对象", "it is no DICOM object"),
    "truncated": Reason("对象不完整", "it ends too early"),
    "too-deep": Reason("序列嵌套过深", "its sequences are nested too deep"),
    "no-sop-uid": Reason("缺少 SOP 类或实例 UID", "its SOP Class or Instance UID is missing"),
    "sop-mismatch": Reason("与命令中的 UID 不符", "its UIDs are others than its command names"),
    "no-study-uid": Reason("缺少检查或序列 UID", "its Study or Series Instance UID is missing"),
    "bad-uid": Reason("UID 含有非法字符", "a UID has other characters than digits and dots"),
    "duplicate": Reason(
        "同一 SOP 实例 UID 的内容不同", "another object has the same SOP Instance UID"
    ),
    # Of ingest.
    "several-recordings": Reason("同一心电图已存有两份", "the same ECG is stored twice already"),
    "unreadable": Reason("按通道现在的设置无法解读", "it cannot be read as the channel is set now"),
    "other-patient": Reason(
        "同一编号已属于另一位患者", "the same number is another patient's already"
    ),
    "two-resources": Reason(
        "报文的编号分别属于不同的记录", "its numbers lead to different resources"
    ),
    "nothing-to-finalise": Reason(
        "要求终审的结果尚未收到", "the result that it makes final has not come"
    ),
    "merge-cycle": Reason(
        "合并会使患者号互相取代", "the merge would make numbers replace each other"
    ),
    "invalid-resource": Reason(
        "转换结果不符合 FHIR 结构", "what it became breaks FHIR's structure"
    ),
    "internal": Reason("网关内部错误", "a defect of the gateway"),
}


class QuarantineError(Exception):
    """The message cannot be stored as things stand; `place` never shows a value.

    `waits_for` is the reference of the resource whose coming would mend it.
    """

    def __init__(self, code: str, place: str = "", waits_for: str = "") -> None:
        super().__init__(f"{code} at {place}" if place else code)
        self.code = code
        self.place = place
        self.waits_for = waits_for
