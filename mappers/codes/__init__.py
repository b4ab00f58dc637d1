"""Code tables too long for a dict; each file says whence and when on its first lines."""

import csv
from importlib.resources import files
from types import MappingProxyType

Table = MappingProxyType[str, tuple[str, ...]]


def table(name: str) -> Table:
    """Return the rows of a table by their first column; read once, when its user is imported."""
    text = files(__name__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows = list(csv.reader(lines))[1:]
    return MappingProxyType({row[0]: tuple(row[1:]) for row in rows})
