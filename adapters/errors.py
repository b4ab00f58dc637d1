"""What goes wrong at the edge; a message names places, never values.

AdapterError
├── EnvelopeError           AE 207  the sender gets it as a negative acknowledgement
│   ├── FramingError        AE 100  block out of step: cut off, or begun anew
│   │   └── FrameSizeError  AE 104  more bytes than a block may have
│   ├── CharsetError        AE 102  bytes that are not what they should be
│   ├── HeaderError         AE 100  no header, or one without usable delimiters
│   ├── ExcessError         AE 104  more segments or fields than any message has
│   └── UnsupportedError    AR 200  a kind of message that nobody here maps
└── ExchangeError           what we sent was not acknowledged
    ├── SilenceError        no answer in time, or hung up
    └── MismatchError       an answer to something else
"""

from typing import ClassVar

from adapters.base import Receipt


class AdapterError(Exception):
    """Base class of the package."""


class EnvelopeError(AdapterError):
    """A message that cannot be taken in; carries what its acknowledgement says."""

    code: ClassVar[str] = "AE"
    error: str = "207"
    """HL7 table 0357."""

    def __init__(self, text: str, *, location: str = "", error: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.location = location
        if error:
            self.error = error

    def receipt(self) -> Receipt:
        """Return the refusal as a sink would have given it."""
        return Receipt(self.code, self.text, self.error, self.location)


class FramingError(EnvelopeError):
    """A block that does not end, or begins again before its end."""

    error = "100"


class FrameSizeError(FramingError):
    """A block larger than allowed."""

    error = "104"


class CharsetError(EnvelopeError):
    """Bytes that are not text in the character set that holds for them."""

    error = "102"


class HeaderError(EnvelopeError):
    """A message without MSH, or one whose MSH-1 and MSH-2 cannot separate anything."""

    error = "100"


class ExcessError(EnvelopeError):
    """A message made of so many parts that taking it apart would exhaust the memory."""

    error = "104"


class UnsupportedError(EnvelopeError):
    """A message of a type or event that is not taken: sending it again does not help."""

    code = "AR"
    error = "200"


class ExchangeError(AdapterError):
    """A message that we sent and whose fate is unknown."""


class SilenceError(ExchangeError):
    """No acknowledgement in time, or the connection ended before it."""


class MismatchError(ExchangeError):
    """An acknowledgement without MSA, or for another message than the one sent."""
