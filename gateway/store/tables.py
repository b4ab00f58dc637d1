"""All tables of the one schema."""

from gateway.store import parameter_schema, recognition_schema, schema, workflow_schema
from gateway.store.columns import metadata

__all__ = ["metadata", "parameter_schema", "recognition_schema", "schema", "workflow_schema"]
