"""What does the jobs of bulk data, by kind."""

from collections.abc import Mapping, Sequence

from gateway.access.campus import Network
from gateway.access.targets import Targets
from gateway.bulk import export, order
from gateway.jobs.runner import Handler


def handlers(allowed: Sequence[Network]) -> Mapping[str, Handler]:
    """Return the handlers; `allowed` are networks that may be reached though not public."""
    return {
        export.KIND: export.export,
        order.KIND: order.Importer(Targets(tuple(allowed))),
    }
