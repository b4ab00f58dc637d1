"""Acknowledgements: MSH, MSA and, where something is wrong, ERR (HL7 v2.9 chapter 2.9 and 2.14).

They are made from the bytes of a message, not from its parse, since what cannot be parsed is
acknowledged too. What is echoed goes back byte for byte.
"""

from contextlib import suppress
from datetime import datetime
from typing import Final

from adapters.base import Receipt
from adapters.errors import CharsetError, HeaderError
from adapters.hl7v2.charset import declaration, decode, header
from adapters.hl7v2.delimiters import Delimiters, declared, escaper

ACCEPTED: Final = frozenset({"AA", "CA"})

ERRORS: Final = {
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "104": "Value too long",
    "198": "Non-Conformant Cardinality",
    "199": "Other HL7 Error",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application error",
}
"""HL7 table 0357."""

CHARACTER_SET: Final = 18
DELIMITERS: Final = Delimiters()


def ack(body: bytes, receipt: Receipt, at: datetime) -> bytes:
    """Return the acknowledgement of a message, or of the beginning of one."""
    line, codec = header(body)
    with suppress(CharsetError):  # answered in what the header can be read in, then
        codec = decode(body)[1]
    line, delimiters = _usable(line)
    # MSH-n is at n - 1, the separator after the name being MSH-1.
    fields = [*line.split(delimiters.field), *[""] * CHARACTER_SET][:CHARACTER_SET]
    segments = [_msa(fields, receipt, delimiters)]
    if receipt.code not in ACCEPTED:
        segments.append(_err(receipt, delimiters))
    rest = "".join(segments)
    own = _msh(fields, delimiters, at)
    own[CHARACTER_SET - 1] = declaration(fields[CHARACTER_SET - 1], codec, rest)
    text = delimiters.field.join(own).rstrip(delimiters.field) + "\r" + rest
    return text.encode(codec, "surrogateescape")


def _usable(line: str) -> tuple[str, Delimiters]:
    if line.startswith("MSH"):
        with suppress(HeaderError):
            return line, declared(line)
    return "", DELIMITERS  # nothing can be echoed


def _msh(fields: list[str], delimiters: Delimiters, at: datetime) -> list[str]:
    application, facility, to_application, to_facility = fields[2:6]
    trigger = fields[8].partition(delimiters.component)[2].partition(delimiters.component)[0]
    kind = delimiters.component.join(["ACK", trigger, "ACK"]) if trigger else "ACK"
    return [
        "MSH",
        fields[1] or "^~\\&",
        to_application,
        to_facility,
        application,
        facility,
        f"{at:%Y%m%d%H%M%S%z}",
        "",
        kind,
        f"{at:%Y%m%d%H%M%S%f}",
        fields[10] or "P",
        fields[11] or "2.5.1",
        *[""] * 6,
    ]


def _msa(fields: list[str], receipt: Receipt, delimiters: Delimiters) -> str:
    values = ["MSA", receipt.code, fields[9]]
    if receipt.text:
        values.append(escaper(delimiters)(receipt.text))
    return delimiters.field.join(values) + "\r"


def _err(receipt: Receipt, delimiters: Delimiters) -> str:
    error = receipt.error or "207"
    code = delimiters.component.join([error, ERRORS.get(error, ""), "HL70357"])
    location = receipt.location.replace("^", delimiters.component)
    text = escaper(delimiters)(receipt.text)
    return delimiters.field.join(["ERR", "", location, code, "E", "", "", "", text]) + "\r"
