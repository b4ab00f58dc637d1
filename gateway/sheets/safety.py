"""Texts that a spreadsheet would take for formulas, and how they are made harmless.

https://owasp.org/www-community/attacks/CSV_Injection
"""

from typing import Final

STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Their full-width forms too: where Chinese is typed, a spreadsheet takes them for the same."""
MARK: Final = "'"


def safe(text: str) -> str:
    """Return a text that no spreadsheet computes: a mark before what begins like a formula."""
    return MARK + text if text.lstrip(MARK).startswith(STARTS) else text


def bare(text: str) -> str:
    """Return a text without the mark that `safe` set."""
    is_marked = text.startswith(MARK) and text.lstrip(MARK).startswith(STARTS)
    return text[1:] if is_marked else text
