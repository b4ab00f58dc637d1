"""Reasons and evidence in words: `urn:hutong:cs:recognition-reason`, Chinese and English.

A text of evidence is a code of EVIDENCE, with ": " and what it is about where there is anything:
"collected: 2026-11-20T08:30:00+08:00". It stays the same in every language; `say` puts it into one.
"""

from typing import Final

from gateway.recognition.model import Reason

REASONS: Final = {
    "all-rules-passed": ("各项规则均通过，应予互认", "All rules passed"),
    "consortium": (
        "医共体内互认；质控或标志未能全部核实",
        "Recognised inside the consortium; mark or quality evidence is not verified",
    ),
    "encounter-class-unknown": (
        "就诊类型未知，可互认",
        "The class of the encounter is unknown",
    ),
    "campus-silent": (
        "来源院区暂无数据上传，结果是否更正未知",
        "The result's campus is silent; corrections may be missing",
    ),
    "critical-not-reported": (
        "按本院标准为危急值，未见处理记录",
        "Critical by the own table, and nobody was told of it",
    ),
    "no-final-report": (
        "影像或波形可用，需重新出具诊断结论",
        "Images or waveforms will do; the conclusion is to be issued again",
    ),
    "expired": ("已超出互认时限", "Older than its validity"),
    "never-valid": ("该项目结果不设互认时限", "Results of this item are never reused"),
    "time-unknown": ("采样或检查时间不明", "When it was collected or performed is not known"),
    "clock-ahead": ("采样或检查时间晚于当前时间", "Its time lies ahead of now"),
    "report-time-only": (
        "仅有报告时间，采样或检查时间不明",
        "Only the time of the report is known",
    ),
    "quality-failed": ("质控证据不合格或已召回", "Its quality evidence failed or was recalled"),
    "not-comparable": ("单位、标本或方法不可比", "Unit, specimen or method is not comparable"),
    "comparability-unknown": (
        "单位、标本或方法不明，无法比较",
        "Unit, specimen or method is not stated",
    ),
    "specimen-unfit": ("标本不合格", "The specimen was unfit"),
    "without-value": ("没有可用的结果值", "There is no value"),
    "images-missing": ("影像或波形无法调阅", "Images or waveforms cannot be retrieved"),
    "images-unknown": ("影像或波形是否可调阅不明", "Whether images can be retrieved is unknown"),
    "newer-not-eligible": (
        "有更新的结果，但不符合互认条件",
        "There is a newer result that is not eligible",
    ),
    "repeating-order": ("重复执行的医嘱不互认", "A repeating order is for new measurements"),
    "too-few-parts": ("可互认的分项不足半数", "Fewer than half of the panel may be recognised"),
    "critical-open": ("有未处理的危急值", "A critical value is open"),
    "not-in-catalogue": ("不在互认目录内", "Not in the catalogue"),
    "no-catalogue": (
        "当前没有有效的互认目录",
        "No catalogue, or more than one, is in force",
    ),
    "no-result": ("未见既往结果", "There is no prior result"),
    "identity-suspended": (
        "患者关联存疑，待核实",
        "The link between the patients is in doubt",
    ),
    "unverified-source": ("来源未经核实", "The source is not verified"),
    "not-final": ("报告或结果尚未审核", "Report or result is not final"),
    "withdrawn": ("报告或结果已撤销或作废", "Report or result was withdrawn"),
    "status-unknown": ("报告或结果状态不明", "The status of report or result is unknown"),
    "negative-list": ("在负面清单内", "On the negative list"),
    "regulatory-retest": ("按规定必须复检", "A new test is required by regulation"),
    "sensitive": ("无权查看", "Not to be seen"),
}
"""Code: words in Chinese, in English."""

EVIDENCE: Final = {
    "patient": ("本患者", "the patient"),
    "linked": ("确定关联的患者", "certainly linked patient"),
    "link-suspended": ("关联存疑", "link in doubt"),
    "unverified-source": ("来源未核实", "unverified source"),
    "status": ("状态", "status"),
    "report-status": ("报告状态", "report status"),
    "unverified-result": ("结果未审核", "result not verified"),
    "no-conclusion": ("无最终结论", "no final conclusion"),
    "collection": ("采样时间", "collected"),
    "performed": ("检查时间", "performed"),
    "issued": ("报告时间", "reported"),
    "no-time": ("无时间", "no time"),
    "zone-assumed": ("时区按推定", "zone assumed"),
    "valid-until": ("有效至", "valid until"),
    "window": ("互认时限", "validity"),
    "never": ("不设时限", "never reused"),
    "no-window": ("目录未设时限", "the catalogue has no window"),
    "state": ("患者状态", "patient state"),
    "ahead": ("晚于当前时间", "ahead of now"),
    "encounter-class": ("就诊类型", "encounter class"),
    "judged-at": ("按此时间判定", "judged at"),
    "own-campus": ("本院区", "own campus"),
    "mark": ("互认标志", "mark"),
    "no-mark": ("无互认标志", "no mark"),
    "claimed": ("自称标志，未核实", "claimed, unverified"),
    "silent-since": ("院区无数据，自", "campus silent since"),
    "evidence": ("质控证据", "quality evidence"),
    "no-requirement": ("无质控要求", "no requirement"),
    "requirement": ("质控要求", "requirement"),
    "no-evidence": ("无质控证据", "no quality evidence"),
    "recalled": ("已召回", "recalled"),
    "evidence-expired": ("出结果时质控证据已过期", "evidence had expired at the time"),
    "unit": ("单位", "unit"),
    "unit-missing": ("无单位", "no unit"),
    "unit-differs": ("单位量纲不同", "unit of another kind"),
    "specimen": ("标本", "specimen"),
    "specimen-by-code": ("标本由编码确定", "specimen fixed by the code"),
    "specimen-missing": ("标本未注明", "specimen not stated"),
    "specimen-differs": ("标本不同", "other specimen"),
    "images-of": ("影像属于另一检查项目", "its images are of another examination"),
    "method": ("方法", "method"),
    "method-missing": ("方法或仪器未注明", "method not stated"),
    "method-differs": ("方法或仪器不同", "other method"),
    "same-item": ("同一项目", "same item"),
    "value": ("有结果值", "value"),
    "no-value": ("无结果值", "no value"),
    "sign": ("标本或结果备注", "comment"),
    "images": ("可调阅影像", "retrievable images"),
    "no-images": ("无可调阅影像", "no retrievable images"),
    "not-required": ("无要求", "not required"),
    "parts": ("可互认分项", "analytes recognised"),
    "residual": ("需补做", "still to be done"),
    "not-listed": ("不在负面清单", "on no negative list"),
    "negative": ("负面清单", "negative list"),
    "retest": ("必须复检", "retest required"),
    "entitled": ("可查看", "may be seen"),
    "not-critical": ("非危急值", "not critical"),
    "critical": ("危急值", "critical"),
    "critical-closed": ("危急值已处理", "critical value, dealt with"),
    "critical-unjudged": ("无法按危急值表判定", "not judged by the critical table"),
    "task": ("未处理任务", "open Task"),
    "newer": ("更新的结果", "newer result"),
}


def reason(code: str) -> Reason:
    """Return a reason with its Chinese words."""
    return Reason(code, REASONS[code][0])


def reason_words(code: str, language: str) -> str:
    """Return the words of a reason, Chinese unless English is asked for."""
    return REASONS[code][language.startswith("en")]


def told(code: str, about: object = "") -> str:
    """Return a text of evidence."""
    return f"{code}: {about}" if about != "" else code


def say(evidence: str, language: str) -> str:
    """Return a text of evidence in a language; a reference stays as it is."""
    code, separator, about = evidence.partition(": ")
    words = EVIDENCE.get(code)
    return words[language.startswith("en")] + separator + about if words else evidence
