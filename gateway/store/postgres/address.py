"""Where the database is, and what is told when it cannot be reached.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gateway.errors import UnavailableError

WAITING: Final = {
    "connect_timeout": "5",
    "tcp_user_timeout": "15000",
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "2",
}
"""How long libpq waits, where the address does not say it. A machine that is gone without a word
(power, cable) is noticed within 15 s; Linux would go on for 16 minutes, and who waits for its
answer does nothing else."""


def conninfo(url: str, **settings: str) -> str:
    """Return libpq's words for an address, with settings of the session beside those it says."""
    said = conninfo_to_dict(url)
    unsaid = {name: value for name, value in WAITING.items() if not said.get(name)}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return make_conninfo(
        url,
        options=f"{options} {said.get('options') or ''}".strip(),
        **unsaid,
    )


@contextmanager
def trouble() -> Iterator[None]:
    """Raise UnavailableError where the database cannot be reached: its words name no address."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise UnavailableError("The database of HUTONG_DATABASE_URL is not there.") from error
