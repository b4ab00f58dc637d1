"""The catalogue that is in force from the first start, until somebody approves another.

Its windows are proposals: no national table of validity exists, provinces and counties set their
own. LOINC content is used under its notice, docs/reference/loinc-notice.md.
"""

from functools import cache
from importlib.resources import files
from typing import Final

from gateway.recognition.catalogue.model import Catalogue
from gateway.recognition.catalogue.rows import items_of
from gateway.sheets import Table

SOURCE: Final = (
    "Starter catalogue of Hutong: windows are proposals to be approved by the consortium. "
    "起始目录：有效期为建议值，须由医共体审核批准后使用。"
)
FROM: Final = "2000-01-01"
NUMBER: Final = 1


@cache
def starter() -> Catalogue:
    """Return version 1, which nobody approved."""
    tables = {name: _table(name) for name in ("items", "parts")}
    items = items_of(tables)
    return Catalogue(
        version=NUMBER, effective_from=FROM, source=SOURCE, defaults=True, items=tuple(items)
    )


def _table(name: str) -> Table:
    text = files(__package__).joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return Table.of_csv(name, text)
