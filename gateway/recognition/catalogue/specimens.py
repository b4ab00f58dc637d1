"""Specimens as orders and results name them, in codes of HL7 table 0487.

What HIS print on an order is often only what is drawn: venous blood may become serum, plasma or
whole blood, so it is at odds with none of them.
"""

from collections.abc import Iterable
from typing import Final

BLOOD: Final = frozenset({"SER", "PLAS", "BLD", "BLDV"})
NAMES: Final = (
    (("静脉血", "血液", "血", "BLDV", "VEN"), BLOOD),
    (("血清", "SER", "SERUM"), {"SER"}),
    (("血浆", "PLAS", "PLASMA", "PPP"), {"PLAS", "PPP"}),
    (("全血", "抗凝全血", "EDTA抗凝全血", "BLD", "WB"), {"BLD"}),
    (("动脉血", "BLDA"), {"BLDA"}),
    (("末梢血", "指血", "毛细血管血", "BLDC"), {"BLDC"}),
    (("尿液", "尿", "随机尿", "UR", "RANDU"), {"UR", "RANDU"}),
    (("24小时尿", "24H尿", "UR24H"), {"UR24H"}),
    (("脑脊液", "CSF"), {"CSF"}),
    (("粪便", "大便", "STL"), {"STL"}),
    (("痰", "痰液", "SPT"), {"SPT"}),
    (("胸水", "胸腔积液", "PLR"), {"PLR"}),
    (("腹水", "腹腔积液", "PRT"), {"PRT"}),
    (("鼻咽拭子", "NPH"), {"NPH"}),
    (("咽拭子", "THRT"), {"THRT"}),
)
SPECIMENS: Final = {name: frozenset(codes) for names, codes in NAMES for name in names}


def fits(named: str, wanted: Iterable[str]) -> bool:
    """Return whether a specimen, by code or word, may be one of those an item wants."""
    wanted = frozenset(wanted)
    name = named.strip().upper()
    return not name or not wanted or not wanted.isdisjoint(SPECIMENS.get(name, {name}))
