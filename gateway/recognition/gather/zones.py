"""Whether the times of a result came without a zone: its message says so in its account.

Ingest takes the campus's zone then and notes it (DESIGN §3, "Time"); a decision that hangs on the
hour shows it. The way there is result, Provenance, message.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.fhir.searchparams import search_params
from gateway.recognition.decide.model import Anchor
from gateway.recognition.gather.index import Index
from gateway.store.protocol import Store

TARGET: Final = search_params("Provenance")["target"].stores[0]
ASSUMED: Final = '"assumed-zone"'
MESSAGE: Final = ":message"
ACCOUNT: Final = 10
"""Place of the account among the columns of `inbox_account`."""


class Zones:
    """Looks up how the times of results were written."""

    def __init__(self, index: Index, store: Store) -> None:
        self._index = index
        self._store = store

    def assumed(self, keys: Sequence[int]) -> set[int]:
        """Return those of some results of which any message told times without a zone."""
        return {
            key
            for key, told in self._index.naming(TARGET, keys).items()
            if any(self._index.read(one, 0, self._without_zone) for one in told)
        }

    def _without_zone(self, provenance: Mapping[str, Any], _zone: ZoneInfo) -> bool:
        """Return what the account of a Provenance's message says; an account does not change."""
        for entity in provenance.get("entity", ()):
            number = entity.get("what", {}).get("identifier", {})
            value = str(number.get("value", ""))
            if number.get("system", "").endswith(MESSAGE) and value.isdecimal():
                rows = self._store.fetch("inbox_account", (int(value),))
                if rows and ASSUMED in rows[0][ACCOUNT]:
                    return True
        return False


def assume(anchor: Anchor | None, zone: str) -> Anchor | None:
    """Return an anchor that tells that its zone was assumed."""
    return anchor if anchor is None or anchor.zone else msgspec.structs.replace(anchor, zone=zone)
