"""The committed tables: R4's own definitions, made compact by scripts/make_definitions.py."""

import csv
from pathlib import Path

_FOLDER = Path(__file__).parent / "tables"


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a table; its first line says where it is from."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        next(lines)
        return list(csv.DictReader(lines))
