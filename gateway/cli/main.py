"""The command `hutong`: a table of subcommands, each loaded when it is called for.

Adding one is one line; its module has an `app` of typer. What fails is told in one line.
"""

import importlib
import os
import sys
from collections.abc import Mapping
from functools import cached_property
from importlib import metadata
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typing_extensions import override

from gateway.errors import GatewayError
from gateway.settings import SettingsError

NAME: Final = "hutong"
MISSING: Final = "Missing command."

COMMANDS: Final = {
    "serve": ("gateway.cli.serve", "Run the gateway."),
    "demo": ("gateway.cli.demo", "Run the gateway with a simulated county."),
    "campus": ("gateway.cli.campus", "Add, list, set and deactivate campuses."),
    "token": ("gateway.cli.token", "Issue, list and revoke bearer tokens."),
    "cds-client": ("gateway.cli.cds_client", "Register order entries that sign their calls."),
    "channel": ("gateway.cli.channel", "List and set the channels that messages come through."),
    "quarantine": ("gateway.cli.quarantine", "See to messages that could not be stored."),
    "alerts": ("gateway.cli.alerts", "Show what someone must see."),
    "subscriptions": ("gateway.cli.subscriptions", "Show who is told of what changes."),
    "critical": ("gateway.cli.critical", "Import and list the tables of critical values."),
    "ingest": ("gateway.cli.ingest", "Take in messages from files."),
    "catalogue": ("gateway.cli.catalogue", "Import, export and list what is recognised."),
    "quality": ("gateway.cli.quality", "Import and list evidence of laboratories' quality."),
    "import": ("gateway.cli.bulk_import", "Take in resources from files of NDJSON."),
    "jobs": ("gateway.cli.jobs", "Show and cancel what is done beside requests."),
    "patient": ("gateway.cli.patient", "Say that two Patients are one human, or not."),
    "reindex": ("gateway.cli.reindex", "Make the index of every resource anew."),
    "verify": ("gateway.cli.verify", "Check rows, indexes and the audit's chain."),
}


class Deferred(TyperCommand):
    """A subcommand whose module is imported when it runs; its help line is in the table."""

    def __init__(self, name: str, module: str, summary: str) -> None:
        super().__init__(name, help=summary, rich_markup_mode=None)
        self._module = module

    @cached_property
    def _loaded(self) -> Any:
        command: Any = typer.main.get_command(importlib.import_module(self._module).app)
        return command

    @property
    def commands(self) -> Mapping[str, Any]:
        """The subcommands of this one, if it has any."""
        return getattr(self._loaded, "commands", {})

    @override
    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the context of the loaded command, which runs in place of this one."""
        return self._loaded.make_context(*args, **kwargs)


class Commands(TyperGroup):
    """All subcommands; errors become one line on stderr and an exit code of 1 or 2."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, (module, summary) in COMMANDS.items():
            self.add_command(Deferred(name, module, summary))

    @override
    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run the command line and exit."""
        kwargs |= {"prog_name": NAME, "standalone_mode": False}
        # Patients' data, sessions and keys: for the user alone as whom the gateway runs.
        os.umask(0o077)
        try:
            code = super().main(*args, **kwargs)
        except TyperException as error:
            context = getattr(error, "ctx", None)
            place = context.command_path if context else NAME
            message = error.format_message()
            hint = f" {place} --help shows all." if message == MISSING else ""
            _fail(place, message + hint, error.exit_code)
        except SettingsError as error:
            _fail(NAME, str(error), 2)
        except (GatewayError, OSError) as error:
            _fail(NAME, str(error), 1)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(place: str, message: str, code: int) -> NoReturn:
    # Help on what may be typed comes in several lines; a script's log wants one.
    print(f"{place}: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"{NAME} {metadata.version('hutong-gateway')}")
        raise typer.Exit


# Typer would draw frames around errors and help, and import rich to do so.
os.environ.setdefault("TYPER_USE_RICH", "0")
app = typer.Typer(
    name=NAME,
    cls=Commands,
    help="FHIR R4 gateway between the hospitals of a consortium.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Say which.")
    ] = False,
) -> None:
    """FHIR R4 gateway between the hospitals of a consortium."""
    del version
