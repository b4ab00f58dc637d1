"""Names the place of an error within a larger document."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from gateway.errors import GatewayError


@contextmanager
def placed(place: str) -> Iterator[None]:
    """Put the place before the expression of each issue of an error inside."""
    try:
        yield
    except GatewayError as error:
        error.issues = tuple(
            replace(one, expression=f"{place}.{one.expression}" if one.expression else place)
            for one in error.issues
        )
        error.expression = error.issues[0].expression
        raise
