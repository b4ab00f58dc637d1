"""What every adapter shares: the message it hands on and the receipt it gets back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came, byte for byte."""

    format: str
    body: bytes
    peer: str
    """The address it came from, without port."""
    tls_name: str = ""
    """Whom the client certificate names, where there is one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sink decided; the adapter turns it into its protocol's own answer."""

    code: str
    """AA accepted, AE not accepted but may be sent again, AR refused (HL7 table 0008)."""
    text: str = ""
    """Why not, in the words of whoever reads the sender's log; never a value of the message."""
    error: str = ""
    """HL7 table 0357, "101"."""
    location: str = ""
    """As ERR-2 writes it, "MSH^1^9"."""


Sink = Callable[[Received], Awaitable[Receipt]]
"""Returns when the bytes are durable; an adapter acknowledges only then."""
