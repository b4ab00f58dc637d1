"""Jobs by HTTP: their status, their files, their end.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-status-request
"""

from typing import Any, Final

from gateway.api.answer import Answer, Header, http_date
from gateway.api.call import Call
from gateway.errors import ForbiddenError, GatewayError, Issue, UnauthenticatedError
from gateway.fhir.codec import encode
from gateway.fhir.outcome import operation_outcome
from gateway.jobs.desk import MICROSECONDS, RETENTION, cancel, find
from gateway.jobs.job import Job

JSON: Final = b"application/json"
SOON: Final = b"1"
LATER: Final = b"10"
LONG: Final = 20 * MICROSECONDS
"""How long a job runs before callers are asked to come less often."""
ACCEPTED: Final = 202
PARTS: Final = ("output", "deleted", "error")


def accepted(call: Call, name: str) -> Answer:
    """Return the answer to a kick-off: where the job is asked after."""
    return Answer(status=ACCEPTED, headers=[(b"content-location", address(call, name).encode())])


def address(call: Call, name: str) -> str:
    """Return where a job is asked after."""
    return f"{call.base}/_jobs/{name}"


async def status(call: Call) -> Answer:
    """Return how far a job is: 202 while it waits or runs, then its manifest or its error."""
    call.refuse_params()
    job = find(call.door, call.actor, call.id)
    if job.is_open:
        return Answer(status=ACCEPTED, headers=_progress(call, job))
    expires = ((job.finished or 0) + RETENTION) // MICROSECONDS
    headers: list[Header] = [(b"expires", http_date(expires))]
    if job.state == "failed":
        issues = [Issue(**one) for one in job.result.get("issues", ())]
        code = int(job.result.get("status", GatewayError.status))
        # It was the job's token that was refused, not the one that asks.
        code = ForbiddenError.status if code == UnauthenticatedError.status else code
        return Answer(encode(operation_outcome(issues)), code, headers)
    return Answer(encode(_manifest(call, job)), headers=headers, kind=JSON)


async def end(call: Call) -> Answer:
    """Cancel a job, or put away what it made."""
    call.refuse_params()
    await cancel(call.door, call.actor, find(call.door, call.actor, call.id))
    return Answer(status=ACCEPTED)


def _progress(call: Call, job: Job) -> list[Header]:
    told = "waits" if job.state == "waits" else f"{job.done} of {job.total}"
    is_long = call.door.clock() - job.created > LONG
    return [(b"x-progress", told.encode()), (b"retry-after", LATER if is_long else SOON)]


def _manifest(call: Call, job: Job) -> dict[str, Any]:
    """Return the manifest: what the job told, and its files."""
    files: dict[str, list[dict[str, Any]]] = {part: [] for part in PARTS}
    for name, part, type_, about, count, *_ in call.door.store.fetch("job_files", (job.id,)):
        if part in files:
            entry = {"type": type_, "url": f"{address(call, job.name)}/{name}.ndjson"}
            told = {"inputUrl": about} if about else {}
            files[part].append({**entry, **told, "count": count})
    return {**job.result, "requiresAccessToken": True, **files}
