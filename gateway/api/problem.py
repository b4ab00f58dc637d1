"""Errors outside of FHIR: a short JSON object for clients that know no OperationOutcome."""

from collections.abc import Sequence

from gateway.api.answer import Answer, Header
from gateway.api.failure import headers_of, known
from gateway.fhir.codec import encode

JSON = b"application/json; charset=utf-8"


def as_problem(error: Exception, headers: Sequence[Header] = ()) -> Answer:
    """Return `{"error": {"code", "message", "place"}}`; the codes are FHIR's issue types.

    Where several things are wrong, `issues` names each with its message and place.
    """
    told = known(error)
    issue = told.issues[0]
    body: dict[str, object] = {"code": issue.code, "message": issue.text}
    if issue.expression:
        body["place"] = issue.expression
    if len(told.issues) > 1:
        body["issues"] = [{"message": one.text, "place": one.expression} for one in told.issues]
    return Answer(encode({"error": body}), told.status, (*headers_of(told), *headers), JSON)
