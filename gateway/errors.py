"""Errors with a FHIR outcome; the API's one handler turns each into an OperationOutcome.

GatewayError                   500 exception
├── InvalidRequestError        400 invalid
│   ├── InvalidResourceError   400 structure
│   ├── NotSupportedError      400 not-supported
│   └── PageExpiredError       400 expired
├── UnauthenticatedError       401 login
├── ForbiddenError             403 forbidden
├── NotFoundError              404 not-found
├── MethodNotAllowedError      405 not-supported
├── NotAcceptableError         406 not-supported
├── ConflictError              409 conflict
├── GoneError                  410 deleted
├── VersionConflictError       412 conflict
├── MultipleMatchesError       412 multiple-matches
├── PreconditionError          412 required
├── TooLargeError              413 too-long
├── UnsupportedMediaError      415 not-supported
├── BeyondError                416 invalid
├── UnprocessableError         422 processing
├── CostlyError                422 too-costly
├── TooManyJobsError           429 throttled
├── ThrottledError             429 throttled
└── UnavailableError           503 transient

Codes: https://hl7.org/fhir/R4/valueset-issue-type.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: severity `error`, `warning` or `information`, a code of issue-type, a place."""

    severity: str
    code: str
    text: str
    expression: str = ""
    diagnostics: str = ""


class GatewayError(Exception):
    """Base class. A message may name a place (`Patient.name`), never a value: values are PHI."""

    status: ClassVar[int] = 500
    issue_code: ClassVar[str] = "exception"

    def __init__(self, message: str, *, expression: str = "", issues: Sequence[Issue] = ()) -> None:
        super().__init__(message)
        self.expression = expression
        self.issues = tuple(issues) or (Issue("error", self.issue_code, message, expression),)


class InvalidRequestError(GatewayError):
    """The request cannot be understood: a bad parameter, header or body."""

    status = 400
    issue_code = "invalid"


class InvalidResourceError(InvalidRequestError):
    """The resource breaks R4's structure."""

    issue_code = "structure"


class NotSupportedError(InvalidRequestError):
    """Understood, but not something this server does."""

    issue_code = "not-supported"


class PageExpiredError(InvalidRequestError):
    """A page token that is too old, of another caller, or not ours."""

    issue_code = "expired"


class UnauthenticatedError(GatewayError):
    """No token, or none that is known and valid."""

    status = 401
    issue_code = "login"


class ForbiddenError(GatewayError):
    """A known caller without the scope, or without the ownership, that this needs."""

    status = 403
    issue_code = "forbidden"


class NotFoundError(GatewayError):
    """There is no such thing, or none that the caller may see."""

    status = 404
    issue_code = "not-found"


class MethodNotAllowedError(GatewayError):
    """The address exists; this method on it does not."""

    status = 405
    issue_code = "not-supported"


class NotAcceptableError(GatewayError):
    """None of the formats asked for can be given."""

    status = 406
    issue_code = "not-supported"


class ConflictError(GatewayError):
    """What is stored already stands against it."""

    status = 409
    issue_code = "conflict"


class GoneError(GatewayError):
    """The resource was deleted."""

    status = 410
    issue_code = "deleted"


class VersionConflictError(GatewayError):
    """`If-Match` or `If-None-Match` stands against the version that is current."""

    status = 412
    issue_code = "conflict"


class MultipleMatchesError(GatewayError):
    """The criteria of a conditional interaction find more than one resource."""

    status = 412
    issue_code = "multiple-matches"


class PreconditionError(GatewayError):
    """Something is missing without which the request cannot be judged."""

    status = 412
    issue_code = "required"


class TooLargeError(GatewayError):
    """The body is over the limit."""

    status = 413
    issue_code = "too-long"


class UnsupportedMediaError(GatewayError):
    """The body's content type is not one that this route reads."""

    status = 415
    issue_code = "not-supported"


class BeyondError(GatewayError):
    """The Range begins where there is nothing any more of so many bytes."""

    status = 416
    issue_code = "invalid"

    def __init__(self, size: int) -> None:
        super().__init__("The range lies beyond the end.", expression="Range")
        self.size = size


class UnprocessableError(GatewayError):
    """Well formed, but a rule of the gateway stands against it."""

    status = 422
    issue_code = "processing"


class CostlyError(GatewayError):
    """It would take longer than a request may."""

    status = 422
    issue_code = "too-costly"


class ThrottledError(GatewayError):
    """The campus asks more often than it may; the same request may be sent again later."""

    status = 429
    issue_code = "throttled"

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class TooManyJobsError(GatewayError):
    """Enough of the caller's jobs wait or run; when one has ended, another may start."""

    status = 429
    issue_code = "throttled"


class UnavailableError(GatewayError):
    """Nothing is lost; the same request may be sent again in a moment."""

    status = 503
    issue_code = "transient"
