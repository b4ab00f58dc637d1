"""Names of character sets as a person gives them on the command line."""

from adapters.errors import CharsetError
from adapters.hl7v2.charset import codec_of
from gateway.cli.session import CommandError


def codec(option: str, name: str) -> str:
    """Return the codec that a name stands for, or say that there is none."""
    try:
        return codec_of(name)
    except CharsetError as error:
        raise CommandError(f"{option} {name!r} is not known: try utf-8 or gb18030.") from error
