"""Which campuses an answer covers, and which of them have fallen silent since when (§2.10.7)."""

from typing import Final

from gateway.access.directory import Directory
from gateway.interactions.door import Door
from gateway.recognition.model import Coverage, Silence

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def coverage(door: Door) -> Coverage:
    """Return the active campuses, and those of them of which a feed is overdue."""
    silent = silences(door.directory, door.clock())
    active = [one for one in door.directory.campuses() if one.active and one.verified]
    return Coverage(
        included=tuple(one.code for one in active),
        silent=tuple(
            Silence(one.id, one.code, one.name, silent[one.id])
            for one in active
            if one.id in silent
        ),
    )


def heard(directory: Directory) -> dict[int, int]:
    """Return when each campus was last heard of, by any of its channels."""
    found: dict[int, int] = {}
    for channel in directory.channels():
        found[channel.campus] = max(found.get(channel.campus, 0), channel.last_seen)
    return found


def silences(directory: Directory, now: int) -> dict[int, int]:
    """Return since when campuses have been silent: the channel that was overdue first tells.

    One that was never heard of is silent for as long as the campus is a member.
    """
    found: dict[int, int] = {}
    joined = {one.id: one.created for one in directory.campuses()}
    for channel in directory.channels():
        last = channel.last_seen or joined.get(channel.campus, 0)
        patience = channel.options.get("silent-after", "")
        if patience and now - last > _microseconds(patience):
            found[channel.campus] = min(found.get(channel.campus, last), last)
    return found


def _microseconds(patience: str) -> int:
    return int(patience[:-1]) * SECONDS[patience[-1]] * 1_000_000
