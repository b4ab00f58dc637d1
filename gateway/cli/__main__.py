"""`python -m gateway.cli`: the command where the script is not on the path."""

from gateway.cli.main import app

app()
