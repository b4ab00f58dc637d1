"""All tables of the one schema."""

from gateway.store import jobs_schema, recognition_schema, schema, workflow_schema
from gateway.store.columns import metadata

__all__ = ["jobs_schema", "metadata", "recognition_schema", "schema", "workflow_schema"]
