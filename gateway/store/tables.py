"""All tables of the one schema."""

from gateway.store import recognition_schema, schema, workflow_schema
from gateway.store.columns import metadata

__all__ = ["metadata", "recognition_schema", "schema", "workflow_schema"]
