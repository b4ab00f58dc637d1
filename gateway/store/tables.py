"""All tables of the one schema."""

from gateway.store import gateways_schema, jobs_schema, recognition_schema, schema, workflow_schema
from gateway.store.columns import metadata

__all__ = [
    "gateways_schema",
    "jobs_schema",
    "metadata",
    "recognition_schema",
    "schema",
    "workflow_schema",
]
