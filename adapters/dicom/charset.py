"""Text of an object: (0008,0005), and what senders write in spite of it.

PS3.5 §6.1, PS3.3 §C.12.1.1.2. A value is decoded before it is split: the second byte of a GBK
character may be a backslash or a caret.
"""

import re
from collections.abc import Sequence
from typing import Final

GB18030: Final = "gb18030"
LATIN: Final = "latin-1"

SINGLE: Final = {
    "ISOIR100": LATIN,
    "ISOIR101": "iso8859-2",
    "ISOIR109": "iso8859-3",
    "ISOIR110": "iso8859-4",
    "ISOIR144": "iso8859-5",
    "ISOIR127": "iso8859-6",
    "ISOIR126": "iso8859-7",
    "ISOIR138": "iso8859-8",
    "ISOIR148": "iso8859-9",
    "ISOIR203": "iso8859-15",
    "ISOIR166": "iso8859-11",
    "ISOIR13": "shift_jis",
    "ISOIR87": "iso2022_jp",
    "ISOIR159": "iso2022_jp_2",
    "ISOIR149": "euc_kr",
}
WHOLE: Final = {"ISOIR192": "utf-8", "UTF8": "utf-8", "GB18030": GB18030}
CHINESE: Final = frozenset({"GBK", "GB2312", "ISOIR58", "ISOIR165", "CP936", "GB18030"})
"""All of them are subsets of GB18030, and hold in the field what only GB18030 has."""
SAYS_NOTHING: Final = frozenset({"", "ISOIR6", "ISOIR100"})

ESCAPE: Final = 0x1B
ESCAPES: Final[dict[bytes, str]] = {
    b"(B": "ascii",
    b"(J": "shift_jis",
    b")I": "shift_jis",
    b"$B": "iso2022_jp",
    b"$@": "iso2022_jp",
    b"$(D": "iso2022_jp_2",
    b"$)C": "euc_kr",
    b"$)A": GB18030,
    b"$)E": GB18030,
    b"-A": LATIN,
    b"-B": "iso8859-2",
    b"-C": "iso8859-3",
    b"-D": "iso8859-4",
    b"-F": "iso8859-7",
    b"-G": "iso8859-6",
    b"-H": "iso8859-8",
    b"-L": "iso8859-5",
    b"-M": "iso8859-9",
    b"-T": "iso8859-11",
    b"-b": "iso8859-15",
}
"""PS3.3 tables C.12-3 and C.12-4; IR 165 too, which some Chinese senders name."""
_PARTS = re.compile(rb"\x1b(\([BJ]|\)I|\$[B@]|\$\(D|\$\)[ACE]|-[ABCDFGHLMTb])")
_SHIFTED = {"iso2022_jp": b"\x1b$B", "iso2022_jp_2": b"\x1b$(D"}

_HANZI = re.compile(rb"[\xb0-\xf7][\xa1-\xfe]")
_IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_CONTROL = re.compile("[\x80-\x9f]")


class Charset:
    """Decodes the values of one object; remembers whether its label could be believed.

    `override` is what the channel says holds where the label says nothing or Latin-1.
    """

    def __init__(self, labels: Sequence[str], override: str = "") -> None:
        names = [_key(label) for label in labels] or [""]
        self._first = names[0]
        self._rest = names[1:]
        self._override = override
        self.repaired = False
        self.unreadable = False

    def text(self, value: bytes) -> str:
        """Return a value as text."""
        if value.isascii() and ESCAPE not in value:
            return value.decode("ascii")
        if ESCAPE in value:
            return self._escaped(value)
        return self._plain(value)

    def _plain(self, value: bytes) -> str:
        codec = self._codec()
        return self._strict(value, codec) if codec else self._guessed(value)

    def _codec(self) -> str:
        """Return what text without escapes is written in, "" where the label says nothing."""
        if CHINESE.intersection({self._first, *self._rest}):
            return GB18030
        if self._first not in SAYS_NOTHING:
            return WHOLE.get(self._first) or SINGLE.get(self._first, "")
        # The second of several sets is meant where its escapes were left out.
        told = (name for name in self._rest if name not in SAYS_NOTHING)
        return next((SINGLE[name] for name in told if name in SINGLE), "")

    def _strict(self, value: bytes, codec: str) -> str:
        try:
            return value.decode(codec)
        except UnicodeDecodeError:
            return self._guessed(value)

    def _guessed(self, value: bytes) -> str:
        """Return what bytes most likely say whose label cannot be right."""
        for codec in (self._override, "utf-8", GB18030):
            if codec and (text := _tried(value, codec, certain=codec == self._override)):
                self.repaired = True
                return text
        if self._first != "ISOIR100":
            self.repaired = self.unreadable = True
        return value.decode(LATIN)

    def _escaped(self, value: bytes) -> str:
        """Return text with code extensions (PS3.5 §6.1.2.5)."""
        parts = _PARTS.split(value)
        texts = [self.text(parts[0])] if parts[0] else []
        for escape, part in zip(parts[1::2], parts[2::2], strict=True):
            codec = ESCAPES[escape]
            shift = _SHIFTED.get(codec, b"")
            try:
                texts.append((shift + part).decode(codec))
            except UnicodeDecodeError:
                texts.append(self._guessed(part))
        return "".join(texts).replace("\x1b", "")


def _tried(value: bytes, codec: str, *, certain: bool) -> str:
    """Return the text, "" where it is not in this codec or not likely to be."""
    try:
        text = value.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return ""
    if codec != GB18030 or certain:
        return text
    # A single accented letter and the letter after it make a Chinese character too.
    likely = _HANZI.search(value) and _IDEOGRAPH.search(text) and not _CONTROL.search(text)
    return text if likely else ""


def _key(label: str) -> str:
    """Return a label in one way of writing; its escapes tell whether it is extended."""
    return "".join(filter(str.isalnum, label.upper())).replace("ISO2022", "ISO")
