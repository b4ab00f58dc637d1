"""What is said of a frame beside its picture: window, loss, and whether it can be measured."""

from dataclasses import dataclass

from gateway.imaging.retrieve import Facts
from gateway.web.speech import Speech


@dataclass(frozen=True, slots=True)
class Said:
    """The facts of a frame as words and numbers; `spacing` is mm from row to row and column."""

    window: tuple[float, float] | None
    spacing: tuple[float, float] | None
    measuring: str
    """What holds of every length, or why there is none."""
    lossy: str


def said(say: Speech, facts: Facts) -> Said:
    """Return what is said of a frame."""
    ratio = f" {facts.lossy_ratio:g}:1" if facts.lossy_ratio else ""
    if facts.spacing is None:
        measuring = say("无像素间距, 不能测距")
    else:
        measuring = say("长度按探测器平面, 未作放大校正") if facts.is_at_detector else ""
    return Said(
        window=facts.window,
        spacing=facts.spacing,
        measuring=measuring,
        lossy=say("有损压缩") + ratio if facts.is_lossy else "",
    )
