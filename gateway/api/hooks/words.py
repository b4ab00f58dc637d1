"""The texts of cards, in Chinese and English.

https://cds-hooks.hl7.org/2.0/#card-attributes
"""

from typing import Final

from gateway.api.language import Language

Pair = tuple[str, str]

SOURCE: Final[Pair] = ("医共体检查检验结果互认服务", "Mutual recognition of the consortium")
OUTCOMES: Final[dict[str, Pair]] = {
    "shall-recognise": ("应互认", "to be recognised"),
    "may-recognise": ("可互认", "may be recognised"),
    "reread": ("影像可用，结论须重新出具", "images will do, to be read again"),
    "reference-only": ("仅供参考", "for reference only"),
    "context-critical": ("有未处理的危急值", "an open critical value"),
    "not-eligible": ("不可互认", "not to be recognised"),
}
RULES: Final[dict[str, Pair]] = {
    "ID": ("身份", "Identity"),
    "STATUS": ("报告状态", "Status"),
    "TIME": ("时效", "Time"),
    "SCOPE": ("互认范围", "Scope"),
    "QC": ("质控", "Quality"),
    "COMP": ("可比性", "Comparability"),
    "DATA": ("数据完整", "Data"),
    "NEG": ("负面清单", "Negative list"),
    "ACC": ("查阅权限", "Access"),
    "CRIT": ("危急值", "Critical value"),
}
VERDICTS: Final[dict[str, Pair]] = {
    "pass": ("通过", "pass"),
    "fail": ("未通过", "fail"),
    "unknown": ("不明", "unknown"),
}
CATEGORIES: Final[dict[str, Pair]] = {
    "lab": ("检验", "laboratory"),
    "imaging": ("影像", "imaging"),
    "ecg": ("心电", "ECG"),
    "pathology": ("病理", "pathology"),
    "function": ("功能检查", "function tests"),
}
TABLE: Final[tuple[Pair, Pair, Pair]] = (
    ("规则", "Rule"),
    ("结果", "Verdict"),
    ("依据", "Evidence"),
)
UNTIL: Final[Pair] = ("至", "until ")
OWN: Final[Pair] = ("本院", "own campus")
RESULT: Final[Pair] = ("结果", "Result")
RESIDUAL: Final[Pair] = ("需补做", "Still to be done")
CANCEL: Final[Pair] = ("互认，取消本次开单", "Recognise it and cancel this order")
REPLACE: Final[Pair] = ("互认，仅补做其余项目", "Recognise it and order only the rest")
DELETE: Final[Pair] = ("取消医嘱：", "Cancel the order: ")
CREATE: Final[Pair] = ("补做：", "Order: ")
REPORT: Final[Pair] = ("查看报告", "Open the report")
IMAGES: Final[Pair] = ("查看影像", "Open the images")
TIMELINE: Final[Pair] = ("查看患者结果", "Open the patient's results")
UNKNOWN: Final[Pair] = (
    "未能确定患者身份，未作互认检查",
    "Patient not identified, not checked",
)
UNKNOWN_DETAIL: Final[Pair] = (
    "须由本院唯一患者的标识符确定身份，且姓名、出生日期、性别一致。未检查不等于没有既往结果。",
    (
        "Identifiers must lead to one patient here, with name, birth date and sex as stated."
        " Not checked does not mean that there are no prior results."
    ),
)
UNREAD: Final[Pair] = (
    "未能取得医嘱内容，未作互认检查",
    "Orders not available, not checked",
)
NO_CATALOGUE: Final[Pair] = (
    "当前没有有效的互认目录，未作互认检查",
    "No catalogue in force, not checked",
)
NO_CATALOGUE_DETAIL: Final[Pair] = (
    "目录已失效，或同时有多个版本生效。未检查不等于没有既往结果。",
    (
        "It has ended, or several versions claim the day."
        " Not checked does not mean that there are no prior results."
    ),
)
SILENT: Final[Pair] = (
    "{count} 家院区暂无数据上传，可能另有既往结果",
    "{count} campuses are silent: there may be further results",
)
SINCE: Final[Pair] = ("{name}：自 {at} 起无数据", "{name}: silent since {at}")
SUMMARY: Final[Pair] = ("可互认的既往结果：{counts}", "Results that may be recognised: {counts}")
NONE_USABLE: Final[Pair] = ("没有可互认的既往结果", "No result that may be recognised")
CRITICAL: Final[Pair] = ("未处理的危急值 {count} 项", "{count} open critical values")


def say(pair: Pair, language: Language) -> str:
    """Return a text in a language."""
    return pair[language == "en"]
