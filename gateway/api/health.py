"""Whether the process answers, and whether the gateway as a whole is ready. Open to all."""

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.fhir.codec import encode

JSON = b"application/json"


async def healthz(_call: Call) -> Answer:
    """Return 200: the process answers."""
    return Answer(b'{"status":"ok"}', kind=JSON)


async def readyz(call: Call) -> Answer:
    """Return 200 only when every role listens and the store writes; else what is missing."""
    missing = list(await call.service.readiness())
    body = encode({"status": "waiting" if missing else "ready", "missing": missing})
    return Answer(body, 503 if missing else 200, kind=JSON)
