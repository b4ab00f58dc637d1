"""Abnormal flags of a message that cannot be read otherwise: field 8 of every OBX (chapter 7.4.2).

No character set, no grammar: a critical flag must not be lost because a name is in the wrong
encoding.
"""

import re
from typing import Final

LINES: Final = re.compile(rb"[\r\n]+")
SEPARATOR: Final = 3
FLAG: Final = 8
ASCII_WORD: Final = re.compile(rb"[A-Za-z]{1,3}")


def abnormal_flags(body: bytes) -> list[str]:
    """Return the words in the flags of all results, as written."""
    flags = []
    for line in LINES.split(body):
        if line[:3] != b"OBX" or len(line) <= SEPARATOR:
            continue
        fields = line.split(line[SEPARATOR : SEPARATOR + 1])
        if len(fields) > FLAG:
            flags += [word.decode("ascii") for word in ASCII_WORD.findall(fields[FLAG])]
    return flags
