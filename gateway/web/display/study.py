"""A study to draw: its series, the picture that is shown, and what is said of what is missing.

Presets are those of OHIF (docs/reference: screen). https://hl7.org/fhir/R4/imagingstudy.html
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from gateway.web.display.campus import Mark
from gateway.web.display.element import Resource, part, parts, text, words
from gateway.web.display.reader import Reader
from gateway.web.display.status import Status, tags
from gateway.web.display.time import Moment, moment
from gateway.web.sources import Picture, Series, WholeStudy
from gateway.web.speech import Speech, msg
from mappers.names import STUDY_UID, TAG

PRESETS: Final = (
    (msg("软组织"), 400, 40),
    (msg("肺"), 1500, -600),
    (msg("肝"), 150, 90),
    (msg("骨"), 2500, 480),
    (msg("脑"), 80, 40),
)
MAX_GAPS: Final = 20
OCTET: Final = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks to see: a series, the place of an image in it, a window."""

    series: str = ""
    image: int = 1
    width: float | None = None
    center: float | None = None

    def query(self, **changed: object) -> str:
        """Return the address of the same with something else."""
        asked = {"series": self.series, "image": self.image, "w": self.width, "c": self.center}
        asked |= changed
        return "?" + urlencode({key: _short(one) for key, one in asked.items() if one is not None})


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to choose something by: a series with its thumbnail, or a window."""

    text: str
    path: str
    is_chosen: bool
    thumbnail: str = ""
    count: int = 0
    width: float | None = None
    center: float | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A study and the picture of it that is seen. `image` is "" where there is none to see."""

    title: str
    modality: str
    taken: Moment | None
    mark: Mark
    statuses: tuple[Status, ...]
    count: int
    series: tuple[Choice, ...]
    windows: tuple[Choice, ...]
    at: int
    total: int
    image: str
    label: str
    unseen: str
    remarks: tuple[str, ...]
    previous: str
    next: str
    data: dict[str, object] | None


def shown(whole: WholeStudy, asked: Asked, reader: Reader) -> Shown:
    """Return what the page of a study shows."""
    say, uid = reader.say, uid_of(whole.study)
    chosen = next((one for one in whole.series if one.uid == asked.series), None)
    chosen = chosen or next((one for one in whole.series if one.pictures), None)
    chosen = chosen or next(iter(whole.series), Series("", "", "", "", ()))
    total = len(chosen.pictures)
    at = min(max(asked.image, 1), max(total, 1))
    here = Asked(chosen.uid, at, asked.width, asked.center)
    picture = chosen.pictures[at - 1] if total else None
    seen = picture is not None and picture.native
    return Shown(
        title=title(say, whole.study),
        modality=modalities(whole.study),
        taken=moment(say, text(whole.study, "started"), reader.now),
        mark=reader.mark_of(whole.study),
        statuses=statuses(say, whole.study),
        count=count(whole.study),
        series=tuple(_series(say, uid, one, chosen.uid) for one in whole.series),
        windows=_windows(say, chosen, here),
        at=at,
        total=total,
        image=address(uid, chosen.uid, picture, here) if picture and seen else "",
        label=_label(say, chosen),
        unseen=_unseen(say, picture),
        remarks=_remarks(say, whole, chosen),
        previous=here.query(image=at - 1) if at > 1 else "",
        next=here.query(image=at + 1) if at < total else "",
        data=_data(uid, chosen, here) if seen else None,
    )


def address(uid: str, series: str, picture: Picture, asked: Asked, side: int = 0) -> str:
    """Return where a picture is; `side` limits a small one."""
    query = {"frame": picture.frame, "w": asked.width, "c": asked.center, "side": side or None}
    told = urlencode({key: _short(one) for key, one in query.items() if one is not None})
    return f"/studies/{uid}/series/{series}/instances/{picture.sop}/image?{told}"


def uid_of(study: Resource) -> str:
    """Return the StudyInstanceUID."""
    found = (one for one in parts(study, "identifier") if one.get("system") == STUDY_UID)
    return next((text(one, "value").removeprefix("urn:oid:") for one in found), "")


def title(say: Speech, study: Resource) -> str:
    """Return what a study is called."""
    named = next((said for one in parts(study, "procedureCode") if (said := words(one))), "")
    return text(study, "description") or named or say("影像检查")


def modalities(study: Resource) -> str:
    """Return the modalities of a study."""
    return ", ".join(text(one, "code") for one in parts(study, "modality"))


def count(study: Resource) -> int:
    """Return how many images were received."""
    found = study.get("numberOfInstances")
    return found if isinstance(found, int) else 0


def is_receiving(study: Resource) -> bool:
    """Return whether more may come."""
    given = parts(part(study, "meta"), "tag")
    return any((one.get("system"), one.get("code")) == (TAG, "receiving") for one in given)


def statuses(say: Speech, study: Resource) -> tuple[Status, ...]:
    """Return what is to be said beside a study."""
    still = (Status(say("仍在接收"), "◌", "preliminary"),) if is_receiving(study) else ()
    return (*still, *tags(say, study))


def _series(say: Speech, uid: str, one: Series, chosen: str) -> Choice:
    middle = one.pictures[len(one.pictures) // 2] if one.pictures else None
    small = address(uid, one.uid, middle, Asked(), 128) if middle and middle.native else ""
    path = Asked(one.uid).query()
    return Choice(_label(say, one), path, one.uid == chosen, small, len(one.pictures))


def _label(say: Speech, one: Series) -> str:
    said = (one.number, one.description or one.modality or say("序列"))
    return " ".join(part for part in said if part)


def _windows(say: Speech, chosen: Series, here: Asked) -> tuple[Choice, ...]:
    stored = Choice(say("原窗"), here.query(w=None, c=None), here.width is None)
    if chosen.modality.strip().upper() != "CT":
        return (stored,)
    return (
        stored,
        *(
            Choice(
                say(name),
                here.query(w=width, c=center),
                (here.width, here.center) == (width, center),
                width=width,
                center=center,
            )
            for name, width, center in PRESETS
        ),
    )


def _unseen(say: Speech, picture: Picture | None) -> str:
    """Return why nothing is seen, "" where something is."""
    if picture is None:
        return say("这个序列没有图像。")
    return "" if picture.native else say("压缩图像, 此处不能显示。原件已保存, 请用影像工作站查看。")


def _remarks(say: Speech, whole: WholeStudy, chosen: Series) -> tuple[str, ...]:
    found = []
    if is_receiving(whole.study):
        found.append(say("仍在接收, 图像可能不全。"))
    if gaps := _gaps(chosen):
        listed = ", ".join(str(one) for one in gaps[:MAX_GAPS])
        more = "..." if len(gaps) > MAX_GAPS else ""
        found.append(say("未收到图像 {numbers} (编号不连续)。", numbers=listed + more))
    if chosen.others:
        found.append(say("另有{n}个不是图像的对象。", n=chosen.others))
    return tuple(found)


def _gaps(chosen: Series) -> list[int]:
    """Return the numbers that are left out between the first and the last image."""
    given = {int(one.number) for one in chosen.pictures if one.number.isdecimal()}
    if not given or max(given) - min(given) > 2 * len(given) + MAX_GAPS:
        return []
    return sorted(set(range(min(given), max(given) + 1)) - given)


def _data(uid: str, chosen: Series, here: Asked) -> dict[str, object]:
    """Return what the script needs to show the series."""
    is_ct = chosen.modality.strip().upper() == "CT"
    bits = max((one.bits for one in chosen.pictures), default=OCTET)
    guess = (400, 40) if is_ct else (256, 128) if bits <= OCTET else (4096, 2048)
    return {
        "at": here.image - 1,
        "width": here.width,
        "center": here.center,
        "guess": guess,
        "images": [
            address(uid, chosen.uid, one, Asked()) if one.native else "" for one in chosen.pictures
        ],
    }


def _short(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
