"""`hutong serve`: all roles of the gateway under one supervisor."""

import os

import typer

from gateway.settings import Settings

app = typer.Typer(help="Run the gateway.")


@app.command()
def serve() -> None:
    """Run the gateway until it is told to stop (SIGTERM or Control-C)."""
    settings = Settings.from_environment(os.environ)
    # Imported here: what the roles need takes a second that help and mistakes need not wait for.
    from gateway import app as gateway  # noqa: PLC0415

    def on_ready() -> None:
        print(f"hutong: ready on {gateway.address(settings)}", flush=True)

    gateway.serve(settings, on_ready)
