"""Where the database is, and what is told when it cannot be reached.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gateway.errors import UnavailableError

CONNECT_SECONDS: Final = 5


def conninfo(url: str, **settings: str) -> str:
    """Return libpq's words for an address, with settings of the session beside those it says."""
    said = conninfo_to_dict(url)
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return make_conninfo(
        url,
        connect_timeout=said.get("connect_timeout") or CONNECT_SECONDS,
        options=f"{options} {said.get('options') or ''}".strip(),
    )


@contextmanager
def trouble() -> Iterator[None]:
    """Raise UnavailableError where the database cannot be reached: its words name no address."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise UnavailableError("The database of HUTONG_DATABASE_URL is not there.") from error
