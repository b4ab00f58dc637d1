"""Findings as an OperationOutcome.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from collections.abc import Iterable
from typing import Any

from gateway.errors import Issue

_FINE = Issue("information", "informational", "No issues found.")


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """Return the OperationOutcome of these issues; of none, one that says so."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [_issue(issue) for issue in issues] or [_issue(_FINE)],
    }


def _issue(issue: Issue) -> dict[str, Any]:
    found: dict[str, Any] = {
        "severity": issue.severity,
        "code": issue.code,
        "details": {"text": issue.text},
    }
    if issue.diagnostics:
        found["diagnostics"] = issue.diagnostics
    if issue.expression:
        found["expression"] = [issue.expression]
    return found
