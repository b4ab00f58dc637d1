"""The janitor on PostgreSQL: of all processes and machines one works at a time."""

from typing import ClassVar, Final

import psycopg
from typing_extensions import override

from gateway.store.janitor import Janitor

TIDYING: Final = 0x6875746F6E670003
"""The advisory lock of whoever tidies."""


class SharedJanitor(Janitor):
    """Works on a connection of its own, beside the writers."""

    troubles: ClassVar[type[Exception]] = psycopg.Error

    @override
    def _begin(self) -> bool:
        asked = "SELECT pg_try_advisory_xact_lock(?)", (TIDYING,)
        _, ((ours,),) = self._db.pipeline([("BEGIN", ()), asked])
        if not ours:
            self._db.script("ROLLBACK")
        return bool(ours)
