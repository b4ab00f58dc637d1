"""Numbers as laboratories write them, to numbers as JSON writes them.

FHIR decimal: https://hl7.org/fhir/R4/datatypes.html#decimal
"""

import re
import unicodedata

PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,99})(?:\.\d+)?(?:[eE][+-]?\d{1,2})?\Z", re.ASCII)
"""What may go out as it is; a larger number than this is none, and no reader of JSON takes it."""
WRITTEN = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?:\.(?P<part>\d*))?"
    r"(?:(?:[eE]|[×xX*]10(?:\^|\*\*)?)(?P<power>[+-]?\d{1,2}))?\Z",
    re.ASCII,
)
LONGEST = 100
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
SIGNS = str.maketrans("－—–−～〜∼", "---" + "-~~~")


def folded(text: str) -> str:
    """Return text with full-width signs made narrow and superscripts written with ^."""
    if text.isascii():
        return text.strip()
    # Compatibility folding would turn 10⁶ into 106.
    text = RAISED.sub(lambda match: "^" + match.group().translate(SUPERSCRIPTS), text)
    return unicodedata.normalize("NFKC", text.translate(SIGNS)).strip()


def number(text: str) -> str | None:
    """Return a JSON number for the text, None if it is no number; digits stay as they are."""
    if PLAIN.match(text):
        return text
    match = WRITTEN.match(text.replace(" ", ""))
    if match is None or not (match["whole"] or match["part"]):
        return None
    whole = match["whole"].replace(",", "").lstrip("0") or "0"
    if len(whole) > LONGEST:
        return None
    part = f".{match['part']}" if match["part"] else ""
    power = f"E{int(match['power'])}" if match["power"] else ""
    return f"{'-' if match['sign'] == '-' else ''}{whole}{part}{power}"
