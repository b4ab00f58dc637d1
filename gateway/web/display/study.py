"""A study to draw: its series, the picture that is shown, and what is said of what is missing.

Presets are those of OHIF (docs/reference: screen). https://hl7.org/fhir/R4/imagingstudy.html
"""

from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlencode

from gateway.web.display.campus import Mark, code_of
from gateway.web.display.element import Resource, part, parts, text, words
from gateway.web.display.facts import Said
from gateway.web.display.reader import Reader
from gateway.web.display.slots import MAX_GAPS, Place, gaps, slots
from gateway.web.display.status import Status, tags
from gateway.web.display.time import Moment, date_and_clock, moment
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
    of: int = 0
    """How many there would be without gaps."""
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
    window: str
    told: Said | None
    remarks: tuple[str, ...]
    previous: str
    next: str
    data: dict[str, object] | None


def shown(whole: WholeStudy, here: Place, asked: Asked, told: Said | None, reader: Reader) -> Shown:
    """Return what the page of a study shows; `told` is said of the picture that is seen."""
    say, uid, chosen = reader.say, uid_of(whole.study), here.series
    asked = Asked(chosen.uid, here.at, asked.width, asked.center)
    total, picture = len(here.pictures), here.picture
    unseen = _unseen(say, picture)
    seen = picture is not None and not unseen
    return Shown(
        title=title(say, whole.study),
        modality=modalities(whole.study),
        taken=moment(say, text(whole.study, "started"), reader.now),
        mark=reader.mark_of(whole.study),
        statuses=statuses(say, whole.study),
        count=count(whole.study),
        series=tuple(_series(say, uid, one, chosen.uid) for one in whole.series),
        windows=_windows(say, chosen, asked),
        at=here.at,
        total=total,
        image=address(uid, chosen.uid, picture, asked) if picture and seen else "",
        label=_label(say, chosen),
        unseen=unseen,
        window=_window(asked, told),
        told=told,
        remarks=_remarks(whole, chosen, reader),
        previous=asked.query(image=here.at - 1) if here.at > 1 else "",
        next=asked.query(image=here.at + 1) if here.at < total else "",
        data=_data(say, uid, here, asked, told) if total else None,
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
    small = address(uid, one.uid, middle, Asked(), 128) if middle and middle.shown else ""
    path = Asked(one.uid).query()
    of = len(tuple(slots(one)))
    return Choice(_label(say, one), path, one.uid == chosen, small, len(one.pictures), of)


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


def _window(asked: Asked, told: Said | None) -> str:
    """Return width and centre of what is seen, "" where there is no window."""
    given = (asked.width, asked.center) if asked.width is not None else told and told.window
    return f"W{given[0]:.0f} L{given[1]:.0f}" if given else ""


def _unseen(say: Speech, picture: Picture | None) -> str:
    """Return why nothing is seen, "" where something is."""
    if picture is None:
        return say("这个序列没有图像。")
    if not picture.sop:
        return say("编号{number}的图像未收到。", number=picture.number)
    return "" if picture.shown else say("压缩图像, 此处不能显示。原件已保存, 请用影像工作站查看。")


def _remarks(whole: WholeStudy, chosen: Series, reader: Reader) -> tuple[str, ...]:
    say, found = reader.say, []
    if is_receiving(whole.study):
        found.append(say("仍在接收, 图像可能不全。"))
    campus = reader.campuses.get(code_of(whole.study))
    if campus and campus.silent_since:
        since = date_and_clock(say, campus.silent_since)
        found.append(say("{campus}自{at}无数据, 图像可能不全。", campus=campus.mark, at=since))
    if missing := gaps(chosen):
        listed = ", ".join(str(one) for one in missing[:MAX_GAPS])
        more = "..." if len(missing) > MAX_GAPS else ""
        found.append(say("未收到图像 {numbers} (编号不连续)。", numbers=listed + more))
    if chosen.others:
        found.append(say("另有{n}个不是图像的对象。", n=chosen.others))
    return tuple(found)


def _data(say: Speech, uid: str, here: Place, asked: Asked, told: Said | None) -> dict[str, object]:
    """Return what the script needs to show the series; `said` names what was not received."""
    pictures = enumerate(here.pictures)
    return {
        "at": here.at - 1,
        "width": asked.width,
        "center": asked.center,
        "images": [
            address(uid, here.series.uid, one, Asked()) if one.sop and one.shown else ""
            for one in here.pictures
        ],
        "said": {at: _unseen(say, one) for at, one in pictures if not one.sop},
        "facts": asdict(told) if told else None,
    }


def _short(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
