"""What was examined: the word for a specimen, and the body fluid that it is of.

Codes: HL7 tables 0487 and 0070, https://terminology.hl7.org/CodeSystem-v2-0487.html
"""

from gateway.web.display.element import Resource, codings, part, text, words
from gateway.web.speech import Speech, msg

WORDS = {
    "BLD": msg("全血"),
    "WB": msg("全血"),
    "BLDV": msg("静脉血"),
    "BLDA": msg("动脉血"),
    "BLDC": msg("末梢血"),
    "SER": msg("血清"),
    "PLAS": msg("血浆"),
    "PLR": msg("血浆"),
    "UR": msg("尿"),
    "URINE": msg("尿"),
    "STL": msg("粪便"),
    "CSF": msg("脑脊液"),
    "SPT": msg("痰"),
    "SAL": msg("唾液"),
    "PLRF": msg("胸腔积液"),
    "PRT": msg("腹水"),
    "THRT": msg("咽拭子"),
    "NOS": msg("鼻拭子"),
}
# A LOINC code leaves serum, plasma and blood open to each other, never blood and urine. Codes, and
# signs in the words; blood comes last, since an effusion or a stool may be said to hold some.
FLUIDS = {
    "urine": ({"UR", "URINE"}, ("尿",)),
    "stool": ({"STL"}, ("便",)),
    "csf": ({"CSF"}, ("脑脊液",)),
    "sputum": ({"SPT"}, ("痰",)),
    "effusion": ({"PLRF", "PRT"}, ("积液", "胸水", "腹水")),
    "blood": ({"BLD", "WB", "BLDV", "BLDA", "BLDC", "SER", "PLAS", "PLR"}, ("血",)),
}


def specimen_word(say: Speech, specimen: Resource) -> str:
    """Return what a specimen is called: its text, the word of its code, or the code."""
    kind = part(specimen, "type")
    if said := text(kind, "text"):
        return said
    known = (WORDS[code] for _, code in codings(kind) if code in WORDS)
    return next((say(word) for word in known), words(kind))


def fluid(specimen: Resource) -> str:
    """Return the body fluid of a specimen, "" if that is not sure."""
    kind = part(specimen, "type")
    said = words(kind)
    given = {code for _, code in codings(kind)}
    return next(
        (
            name
            for name, (codes, signs) in FLUIDS.items()
            if codes & given or any(sign in said for sign in signs)
        ),
        "",
    )


def is_same(one: Resource, other: Resource) -> bool:
    """Return whether two specimens are given as one and the same kind."""
    return _given(one) == _given(other)


def _given(specimen: Resource) -> tuple[frozenset[str], str]:
    kind = part(specimen, "type")
    codes = frozenset(code for _, code in codings(kind))
    return codes, "" if codes else text(kind, "text")
