"""Where a Location is, on a sphere of radius 1: `near` is then a matter of plain arithmetic.

https://hl7.org/fhir/R4/location.html#search. Two places are within a distance of each other if the
straight line between them through the sphere is short enough: databases need no sine for that.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from gateway.fhir.searchparams import search_params

EARTH: Final = 6_371_008.8
"""Mean radius in metres (IUGG)."""
UNITS: Final[Mapping[str, float]] = {
    "": 1_000.0,
    "km": 1_000.0,
    "m": 1.0,
    "mi": 1_609.344,
    "[mi_i]": 1_609.344,
}
"""What a distance may be in, in metres; kilometres where nothing is said."""
DEFAULT: Final = 10.0
"""Kilometres where no distance is said."""
NEAR: Final = search_params("Location")["near"].id

Position = tuple[int, float, float, float]
"""Parameter, then z (up through the north pole), x and y."""


def located(resource: Mapping[str, Any]) -> list[Position]:
    """Return where a resource is, if it is a Location that says so."""
    position = resource.get("position") if resource["resourceType"] == "Location" else None
    if not position or not {"latitude", "longitude"} <= position.keys():
        return []
    latitude, longitude = float(position["latitude"]), float(position["longitude"])
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004 - degrees
        return []
    return [(NEAR, *point(latitude, longitude))]


def point(latitude: float, longitude: float) -> tuple[float, float, float]:
    """Return z, x and y of a place."""
    up, round_ = math.radians(latitude), math.radians(longitude)
    return math.sin(up), math.cos(up) * math.cos(round_), math.cos(up) * math.sin(round_)


def reach(latitude: float, metres: float) -> tuple[float, float, float]:
    """Return the lowest and highest z within a distance of a latitude, and the squared chord."""
    angle = min(metres / EARTH, math.pi)
    up = math.radians(latitude)
    low = -1.0 if up - angle <= -math.pi / 2 else math.sin(up - angle)
    high = 1.0 if up + angle >= math.pi / 2 else math.sin(up + angle)
    return low, high, (2 * math.sin(angle / 2)) ** 2
