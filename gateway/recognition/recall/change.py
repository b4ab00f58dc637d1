"""What befell a result: what counts as a change of what somebody relied on, and its words."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.recognition import reading

KINDS: Final = {
    "amended": ("结果已更正", "The result was amended"),
    "cancelled": ("结果已取消", "The result was cancelled"),
    "entered-in-error": ("结果系误录", "The result was entered in error"),
    "deleted": ("结果已删除", "The result was deleted"),
    "moved": ("结果已改归其他患者", "The result was moved to another patient"),
    "unlinked": (
        "结果所属患者已不再确认为同一人",
        "The result's patient is no longer certainly the same",
    ),
    "suspended": (
        "身份信息矛盾，待核实",
        "The patients' data contradict each other; identity under review",
    ),
    "mark-recalled": (
        "质控证据失效，互认标志已召回",
        "The quality evidence failed; the recognition mark was recalled",
    ),
    "critical": ("危急值尚未处理", "A critical value is open"),
    "expired": ("已超出互认时限", "The result is no longer valid for recognition"),
    "not-eligible": ("结果不可互认", "The result could not be recognised"),
}
"""Code of `urn:hutong:cs:recall-reason`: words in Chinese and English."""

WITHDRAWN: Final = frozenset({"cancelled", "entered-in-error"})
STANDING: Final = frozenset({"final", "amended", "corrected", "appended"})
CORRECTED: Final = frozenset({"amended", "corrected", "appended"})

_ASIDE: Final = frozenset(
    {
        "id",
        "meta",
        "text",
        "identifier",
        "basedOn",
        "encounter",
        "status",
        "subject",
        "issued",
        "resultsInterpreter",
    }
)
"""What says nothing of the finding, or is judged by itself. An order that is found later changes
`basedOn` alone."""
_GROWING: Final = frozenset({"imagingStudy", "media", "presentedForm", "note"})
"""What may be added to a report without another finding."""
_STUDY: Final = "ImagingStudy"
"""A study gets a version with every object that arrives: only its withdrawal is a change."""


def change_of(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """Return what befell a result between two versions, "" where what it says is the same.

    Both are read alike, decimals as floats: 5.0 and 5.00 are one finding.
    """
    if after is None:
        return "deleted"
    was, now = before.get("status", ""), after.get("status", "")
    if now != was and now in WITHDRAWN:
        return str(now)
    if whose(before) != whose(after):
        return "moved"
    return "amended" if _is_amended(before, after) else ""


def _is_amended(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    was, now = before.get("status", ""), after.get("status", "")
    if before.get("resourceType") == _STUDY:
        return False
    if now != was and (now in CORRECTED or was in WITHDRAWN):
        return True
    if was in STANDING and now not in STANDING:
        return True
    if _says(before) != _says(after) or _lost(before, after):
        return True
    return worsened(reading.remarks(before), reading.remarks(after))


def worsened(before: Iterable[str], after: Iterable[str]) -> bool:
    """Return whether something is said against the specimen that was not said before."""
    return not set(after) <= set(before)


def whose(resource: Mapping[str, Any]) -> str:
    """Return the id of the Patient whom a result is of, "" if it says none."""
    reference = str(resource.get("subject", {}).get("reference", ""))
    return reference.partition("/_history/")[0].rpartition("Patient/")[2]


def _says(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in resource.items()
        if name not in _ASIDE and name not in _GROWING
    }


def _lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether something is gone that a report had beside its finding."""
    return any(
        one not in after.get(name, ()) for name in _GROWING & before.keys() for one in before[name]
    )
