"""Whether the XHTML of a narrative is what R4 allows.

https://hl7.org/fhir/R4/narrative.html#xhtml and https://hl7.org/fhir/R4/narrative.html#rules
"""

from typing import Final
from xml.parsers import expat

NAMESPACE: Final = "http://www.w3.org/1999/xhtml"
# A name a word: as lists they would be two pages.
ELEMENTS: Final = frozenset(
    """a abbr acronym b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1
    h2 h3 h4 h5 h6 hr i img kbd li ol p pre q samp small span strong sub sup table tbody td tfoot
    th thead tr tt ul var""".split()  # noqa: SIM905
)
ATTRIBUTES: Final = frozenset(
    """abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign
    char charoff charset cite class colspan compact coords dir frame headers height href hreflang
    hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style
    summary tabindex title type valign value vspace width xml:lang xmlns""".split()  # noqa: SIM905
)


def is_sound(div: str) -> bool:
    """Return whether it is one `div` of allowed elements with something in it."""
    look = _Look()
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = look.start
    parser.CharacterDataHandler = look.data
    try:
        parser.UseForeignDTD(True)  # noqa: FBT003 - so that other names of characters pass
        parser.Parse(div.encode(), True)  # noqa: FBT003 - this is all there is
    except expat.ExpatError:
        return False
    return look.allowed and look.filled and look.root == "div"


class _Look:
    """What has been seen of one narrative."""

    def __init__(self) -> None:
        self.root = ""
        self.allowed = True
        self.filled = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See an element."""
        if not self.root:
            self.root = name
            # Elsewhere than in XHTML's own namespace it would be an element of FHIR.
            self.allowed = attributes.get("xmlns") == NAMESPACE
        self.allowed &= name in ELEMENTS and attributes.keys() <= ATTRIBUTES
        self.filled |= name == "img"

    def data(self, text: str) -> None:
        """See what stands in it."""
        self.filled |= bool(text.strip())
