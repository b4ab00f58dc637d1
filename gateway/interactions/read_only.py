"""What nobody writes: records of the audit, and R4's own definitions."""

from gateway.errors import ForbiddenError
from gateway.interactions import audit_view, published_view


def refuse_write(type_: str, id_: str) -> None:
    """Raise for a write to what is there without having been stored."""
    audit_view.refuse_write(type_, id_)
    if published_view.find(type_, id_) is not None:
        raise ForbiddenError(
            f"This {type_} is R4's own; store yours under another id.", expression=f"{type_}.id"
        )
