"""What a page's data covers: said on every page, so that "not received" is not read as "normal"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.web.display.time import date_and_clock
from gateway.web.sources import Campus
from gateway.web.speech import Speech


@dataclass(frozen=True, slots=True)
class Coverage:
    """The line to draw; `state` is whole, or partial where a campus is silent."""

    text: str
    state: str


def coverage(say: Speech, campuses: Sequence[Campus], now: datetime) -> Coverage:
    """Return how many campuses the data covers, and which are silent since when."""
    total = len(campuses)
    silent = [campus for campus in campuses if campus.silent_since is not None]
    if not silent:
        heard = [campus.heard for campus in campuses if campus.heard is not None]
        if not heard:
            return Coverage(say("含全部{n}家院区", n=total), "whole")
        latest = _at(say, max(heard), now)
        return Coverage(say("含全部{n}家院区, 更新于 {at}", n=total, at=latest), "whole")
    since = (
        say("{campus}自 {at} 无数据", campus=campus.mark, at=_at(say, campus.silent_since, now))
        for campus in silent
        if campus.silent_since is not None
    )
    line = say("含{n}/{total}家院区", n=total - len(silent), total=total)
    return Coverage(", ".join((line, *since)), "partial")


def _at(say: Speech, at: datetime, now: datetime) -> str:
    local = at.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return date_and_clock(say, local)
