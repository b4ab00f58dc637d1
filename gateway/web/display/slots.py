"""The places of a series: one a picture, and one for each that was left out between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.web.sources import Picture, Series, WholeStudy

MAX_GAPS: Final = 20
EMPTY: Final = Series("", "", "", "", ())
NUMBERED: Final = frozenset({"CT", "MR", "PT"})
"""Modalities whose numbers count slices; of others one may be left out by whoever made them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is: a series, its places, and which of them, counted from 1.

    The picture of a place has no `sop` where none was received.
    """

    series: Series
    pictures: tuple[Picture, ...]
    at: int

    @property
    def picture(self) -> Picture | None:
        """The picture that is seen."""
        return self.pictures[self.at - 1] if self.pictures else None


def place(whole: WholeStudy, series: str, image: int) -> Place:
    """Return the place that is asked for, or the nearest one."""
    chosen = next((one for one in whole.series if one.uid == series), None)
    chosen = chosen or next((one for one in whole.series if one.pictures), None)
    chosen = chosen or next(iter(whole.series), EMPTY)
    pictures = tuple(slots(chosen))
    return Place(chosen, pictures, min(max(image, 1), max(len(pictures), 1)))


def slots(series: Series) -> Iterator[Picture]:
    """Yield the pictures in order, and an empty one for each slice that was left out."""
    missing = gaps(series) if is_numbered(series) else []
    for one in series.pictures:
        while missing and one.number.isdecimal() and missing[0] < int(one.number):
            yield Picture("", number=str(missing.pop(0)))
        yield one


def is_numbered(series: Series) -> bool:
    """Return whether each number stands for a slice."""
    return series.modality.strip().upper() in NUMBERED


def gaps(series: Series) -> list[int]:
    """Return the numbers that are left out between the first and the last image."""
    given = {int(one.number) for one in series.pictures if one.number.isdecimal()}
    if not given or max(given) - min(given) > 2 * len(given) + MAX_GAPS:
        return []
    return sorted(set(range(min(given), max(given) + 1)) - given)
