"""DATA: the result is whole and usable: a value, a sound specimen, images to look at."""

from typing import Final

from gateway.recognition.decide.model import Case, Fact
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict

MEASURED: Final = frozenset({"lab", "function"})


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether there is what the item is made for."""
    if fact.signs:
        return Verdict("DATA", "fail", tuple(told("sign", sign) for sign in fact.signs))
    if case.item.category == "lab" and not case.item.parts:
        if fact.absent or not fact.value:
            return Verdict("DATA", "fail", (told("no-value", fact.absent),))
        return Verdict("DATA", "pass", (told("value"),))
    return _images(case, fact)


def _images(case: Case, fact: Fact) -> Verdict:
    if fact.instances > 0:
        return Verdict("DATA", "pass", (told("images", fact.instances),))
    if not case.item.images:
        return Verdict("DATA", "pass", (told("not-required"),))
    if fact.instances == 0:
        return Verdict("DATA", "fail", (told("no-images"),))
    return Verdict("DATA", "unknown", (told("no-images"),))
