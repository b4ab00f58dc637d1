"""What comments say against a specimen or a result: haemolysis, lipaemia, clots.

Words as Chinese laboratories write them into NTE and SPM; one that is denied ("未见溶血") is no
sign, and neither is one that is part of a name (抗链球菌溶血素O, 溶血性链球菌).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

DENIED: Final = r"(?<![无未非])(?<!未见)(?<!未见明显)(?<!无明显)(?<!没有)(?<!不)"
NOT_FOUND: Final = r"(?!\s*[:(（:]?\s*(?:-|－|阴性|无|未见|0\b|none|neg))"
NOT: Final = r"(?<!no )(?<!non-)(?<!non )(?<!not )(?<!without )(?<!un)"
SIGNS: Final = {
    "haemolysis": (r"溶血(?![性素病链]|空斑|尿毒|试验|反应)", r"h(?:a)?emoly[sz](?:is|ed)"),
    "lipaemia": (r"脂血|乳糜(?!试验|尿)", r"lip(?:a)?emi[ac]"),
    "clot": (r"凝块|凝固(?!时间|酶|酵素)|有凝集", r"clot(?:s|ted)?\b"),
    "icterus": (r"黄疸(?!指数)标本|标本黄疸", r"icteric"),
    "insufficient": (
        r"(?:标本|样本|血)?量不足|标本量?(?:过)?少",
        r"insufficient|quantity not suff",
    ),
    "contaminated": (r"(?:标本|样本).{0,4}污染|输液.{0,4}污染", r"contaminat"),
    "rejected": (
        r"(?:标本|样本).{0,6}(?:不合格|拒收|错误|有误)|拒收",
        r"specimen (?:rejected|unsatisfactory|unsuitable)|mislabel",
    ),
}
"""Sign: patterns in Chinese and in English."""
DENIALS: Final = re.compile(
    r"(?:无|未见|没有|未发现)(?:明显)?(?:(?:溶血|脂血|乳糜血?|黄疸|凝块)(?![性素])[、,和及或]?)+"
)
"""What is denied together: 无溶血、脂血."""
PATTERNS: Final = {
    sign: re.compile(
        f"{DENIED}(?:{chinese}){NOT_FOUND}|{NOT}(?:{english}){NOT_FOUND}", re.IGNORECASE
    )
    for sign, (chinese, english) in SIGNS.items()
}
UNFIT: Final = {
    "HEM": "haemolysis",
    "CLOT": "clot",
    "CON": "contaminated",
    "SNR": "rejected",
    "QCF": "rejected",
}
"""Conditions of a specimen, HL7 table 0493, and the flag of a run whose controls failed (v3)."""


@lru_cache(4096)
def signs(text: str) -> tuple[str, ...]:
    """Return what a comment says against the result."""
    folded = DENIALS.sub("", unicodedata.normalize("NFKC", text))
    return tuple(sign for sign, pattern in PATTERNS.items() if pattern.search(folded))
