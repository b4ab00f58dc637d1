"""Which character set a message is in, decided strictly: no replacement characters, no guess.

MSH-18 holds names of HL7 table 0211, in the field also many others. The order: what the channel
is set to, a byte order mark, MSH-18, else UTF-8 if the bytes are, else GB18030 if they are.
"""

import re
from typing import Final

from adapters.errors import CharsetError

UTF8: Final = "utf-8"
GB18030: Final = "gb18030"
SNIFF: Final = ""
MSH_18: Final = 17
"""Where a split of the segment has it: the separator is MSH-1 and so has no place of its own."""

HEAD: Final = 4096
"""A header is never longer; what is, is cut, lest a file without lines be searched through."""

HANZI: Final = re.compile("[\u4e00-\u9fff]")

LINE_END: Final = re.compile(rb"[\r\n]")

BOM: Final = b"\xef\xbb\xbf"

ALIASES: Final = {
    "UNICODE": UTF8,
    "UNICODEUTF8": UTF8,
    "UTF8": UTF8,
    "GB18030": GB18030,
    "GB180302000": GB18030,
    "GB180302005": GB18030,
    "GB180302022": GB18030,
    "GBK": GB18030,
    "GB2312": GB18030,
    "CP936": GB18030,
    "BIG5": "big5",
    # Senders leave these at their default and write something else, so they decide nothing.
    "": SNIFF,
    "ASCII": SNIFF,
    "88591": SNIFF,
}
"""Names as `_key` writes them, to Python's codecs."""

DECLARATIONS: Final = {UTF8: "UNICODE UTF-8", GB18030: "GB 18030-2000", "big5": "BIG-5"}
"""How our own messages name a codec in MSH-18."""


def decode(body: bytes, override: str | None = None) -> tuple[str, str]:
    """Return the text of a message and Python's name of the codec, BOM kept as U+FEFF."""
    codec = codec_of(override) if override else SNIFF
    if not codec and body.startswith(BOM):
        codec = UTF8
    if not codec:
        codec = _declared(body)
    return (strict(body, codec), codec) if codec else sniff(body)


def codec_of(name: str) -> str:
    """Return the codec that a name of table 0211 or of everyday use stands for, "" for none."""
    codec = ALIASES.get(_key(name))
    if codec is None:
        raise CharsetError("MSH-18 字符集名称不支持", location="MSH^1^18", error="103")
    return codec


def strict(body: bytes, codec: str) -> str:
    """Return the text, or raise CharsetError."""
    if codec == GB18030 and _is_utf8(body):
        raise CharsetError("名为 GB18030，实为 UTF-8 编码", location="MSH^1^18")
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        raise CharsetError(
            f"第 {error.start + 1} 字节起不是 {codec.upper()} 编码", location="MSH^1^18"
        ) from error


def _is_utf8(body: bytes) -> bool:
    """Return whether bytes spell Hanzi in UTF-8: nearly all such can be read as GB18030 too."""
    try:
        text = body.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return not text.isascii() and HANZI.search(text) is not None


def sniff(body: bytes) -> tuple[str, str]:
    """Return the text and codec of bytes that nothing is known about."""
    try:
        return body.decode(UTF8), UTF8
    except UnicodeDecodeError:
        pass
    try:
        return body.decode(GB18030), GB18030
    except UnicodeDecodeError as error:
        raise CharsetError("既不是 UTF-8 也不是 GB18030 编码", location="MSH^1^18") from error


def header(body: bytes) -> tuple[str, str]:
    """Return the first line and a codec; encoded with "surrogateescape" it gives its bytes back.

    It is decoded before it is split: GBK has characters whose second byte is "|" or "^".
    """
    line = LINE_END.split(body[:HEAD].lstrip(b"\x0b\r\n\t " + BOM), maxsplit=1)[0]
    for codec in (UTF8, GB18030):
        try:
            return line.decode(codec), codec
        except UnicodeDecodeError:
            continue
    return line.decode(UTF8, "surrogateescape"), UTF8


def declaration(sent: str, codec: str, text: str) -> str:
    """Return MSH-18 of an answer: as sent, unless the text would then be misread."""
    if text.isascii() or ALIASES.get(_key(sent.partition("~")[0])) == codec:
        return sent
    return DECLARATIONS[codec]


def _declared(body: bytes) -> str:
    line, _ = header(body)
    name = "".join(line.split(line[3:4] or "|", MSH_18 + 1)[MSH_18 : MSH_18 + 1])
    try:
        return codec_of(name.partition(line[5:6] or "~")[0])
    except CharsetError:
        if body.isascii():  # then it does not matter what the sender calls it
            return SNIFF
        raise


def _key(name: str) -> str:
    return "".join(filter(str.isalnum, name)).upper()
