"""Names the place of an error within a larger request: `Bundle.entry[3]`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from gateway.errors import GatewayError, Issue

HEADERS: Final = {
    "If-Match": ".request.ifMatch",
    "If-None-Match": ".request.ifNoneMatch",
    "If-None-Exist": ".request.ifNoneExist",
}
"""What a bundle says in a header's place."""


@contextmanager
def at(place: str) -> Iterator[None]:
    """Put the place before the expression of each issue of an error inside; "" changes nothing."""
    try:
        yield
    except GatewayError as error:
        if place:
            error.issues = tuple(_placed(issue, place) for issue in error.issues)
            error.expression = error.issues[0].expression
        raise


def _placed(issue: Issue, place: str) -> Issue:
    if issue.expression.startswith("Bundle.entry["):
        return issue
    inner = f".resource.{issue.expression}" if issue.expression else ""
    if issue.expression.startswith("http."):
        inner = ".request.url"
    inner = HEADERS.get(issue.expression, inner)
    return replace(issue, expression=f"{place}{inner}")
