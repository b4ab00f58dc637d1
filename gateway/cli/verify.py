"""`hutong verify`: checks what the store promises."""

import os
import sys
import time
from contextlib import suppress

import typer

from gateway.cli.session import CommandError
from gateway.settings import Settings
from gateway.store.connection import DATABASE
from gateway.store.opening import claim
from gateway.store.service import BusyError
from gateway.store.verify import Report, verify

app = typer.Typer()


@app.command("verify")
def command() -> None:
    """Check rows, indexes, links, inbox and the audit's chain; exit code 1 if anything is off."""
    settings = Settings.from_environment(os.environ)
    started = time.perf_counter()
    if not settings.database_url and not (settings.data_dir / DATABASE).exists():
        raise CommandError(f"There are no data in {settings.data_dir}.")
    _prepare(settings)
    report = verify(settings.data_dir, settings.database_url)
    for finding in report.findings:
        print(f"{finding.place}: {finding.text}")
    print(_summary(report, time.perf_counter() - started))
    if report.total:
        sys.exit(1)


def _prepare(settings: Settings) -> None:
    """Make the tables where there are none; a folder that somebody writes in has them."""
    with suppress(BusyError):
        claim(settings.data_dir, settings.database_url)


def _summary(report: Report, seconds: float) -> str:
    read = ", ".join(
        f"{report.counts[name]:,} {name}"
        for name in ("versions", "index rows", "audit events", "messages", "objects")
    )
    found = f"{report.total:,} findings" if report.total else "nothing is wrong"
    return f"{read} in {seconds:.1f} s: {found}."
