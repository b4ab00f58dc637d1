"""Marks of mutual recognition that senders print into the names of items: 【全国HR】, HR*.

国卫医发〔2022〕6号 wants the mark on the report: a scope, then HR. Laboratories write it into OBX-3
and OBR-4. It is no part of the name, and proves nothing; HR-HPV and a heart rate are no marks.
"""

import re
from functools import lru_cache
from typing import Final

HR: Final = "HR"
PLACE: Final = "[\u4e00-\u9fff·、—-]{1,12}"
MARK: Final = f"(?:{PLACE})?HR"
MANY: Final = rf"{MARK}(?:\s*[,，、/;；和 ]\s*{MARK})*"
WITH_PLACE: Final = rf"{PLACE}HR(?:\s*[,，、/;；和 ]\s*{MARK})*"
"""In round brackets HR alone is an abbreviation: 激素受体(HR), 心率(HR)."""
BRACKETED: Final = re.compile(
    rf"^\s*(?:[【\[〔]\s*({MANY})\s*[】\]〕]|[(（]\s*({WITH_PLACE})\s*[)）])\s*[*:：]?"
)
TRAILING: Final = re.compile(
    rf"(?:[【\[〔]\s*({MANY})\s*[】\]〕]|[(（]\s*({WITH_PLACE})\s*[)）])\s*$"
)
PLACED: Final = (
    "全国|国家|本省|省级|全省|本市|市级|全市|本县|县级|本区|区域|医共体|医联体|京津冀鲁?|长三角|川渝|成渝"
    "|[\u4e00-\u9fff]{2,7}[省市区县州盟旗]"
)
LEADING: Final = re.compile(
    rf"^\s*((?:{PLACED})HR(?:\s*[,，、/;；和 ]\s*{MARK})*)[\s*:：,，、_|-]*(?=\S)"
)
STARRED: Final = re.compile(r"^\s*(HR)\s*(?:[*＊★※]|\s(?=[\u4e00-\u9fff]))\s*(?=\S)")
SHAPES: Final = (BRACKETED, LEADING, STARRED, TRAILING)
APART: Final = re.compile(r"\s*[,，、/;；和 ]\s*")


@lru_cache(maxsize=8192)  # a laboratory has some hundred items
def split(text: str) -> tuple[str, str]:
    """Return the name without its mark, and the mark: ("钾", "全国HR，本省HR"), or (text, "")."""
    if HR not in text:
        return text, ""
    rest, marks = text, []
    while found := next((one for shape in SHAPES if (one := shape.search(rest))), None):
        without = rest[: found.start()] + rest[found.end() :]
        if not without.strip():
            break  # a name that is nothing but a mark stays as it is
        marks += APART.split(next(filter(None, found.groups())))
        rest = without.strip()
    return (rest, "，".join(dict.fromkeys(marks))) if marks else (text, "")
