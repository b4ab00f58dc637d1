"""What is wrong with a workbook, one line a fault, before the command says that it did nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.cli.session import CommandError
from gateway.sheets import SheetError

MOST: Final = 200


@contextmanager
def telling() -> Iterator[None]:
    """Print the faults of what is read; CommandError where there are any."""
    try:
        yield
    except SheetError as error:
        for fault in error.faults[:MOST]:
            print(fault)
        if len(error.faults) > MOST:
            print(f"and {len(error.faults) - MOST} more")
        count = len(error.faults)
        plural = "s" if count > 1 else ""
        raise CommandError(f"Nothing was imported: {count} fault{plural}.") from error
