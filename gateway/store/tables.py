"""All tables of the one schema."""

from gateway.store import (
    events_schema,
    gateways_schema,
    jobs_schema,
    parameter_schema,
    recognition_schema,
    schema,
    workflow_schema,
)
from gateway.store.columns import metadata

__all__ = [
    "events_schema",
    "gateways_schema",
    "jobs_schema",
    "metadata",
    "parameter_schema",
    "recognition_schema",
    "schema",
    "workflow_schema",
]
