"""An expression taken apart by the library's grammar, with what its own reading passes over.

https://hl7.org/fhirpath/N1/#formal-specifications
"""

import re
from collections.abc import Mapping
from threading import Lock
from typing import Any

from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker, Token
from antlr4.error.ErrorListener import ErrorListener
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from gateway.fhir.fhirpath.faults import ExpressionError, TooCostlyError

Node = Mapping[str, Any]

# What no comment begins in: texts and delimited names; a line's rest; a comment as a whole.
_SKIPPED = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|//[^\n]*|/\*.*?\*/", re.DOTALL)


# The library's parser learns while it reads, in tables that all threads share.
_lock = Lock()


class _Strict(ErrorListener):  # type: ignore[misc] # the library has no types
    """Takes the first error for the last; the library's parser guesses on."""

    def syntaxError(self, *_: Any) -> None:  # noqa: N802 - the library's name
        raise ExpressionError("The expression is no FHIRPath.")


def parse(expression: str) -> Node:
    """Return the tree of an expression; ExpressionError where it is none."""
    if "/*" in _SKIPPED.sub("", expression):
        raise ExpressionError("A comment is not closed.")
    try:
        with _lock:
            return _parsed(expression)
    except RecursionError as error:
        raise TooCostlyError("The expression is nested too deep.") from error


def _parsed(expression: str) -> Node:
    strict = _Strict()
    lexer = FHIRPathLexer(InputStream(expression))
    lexer.removeErrorListeners()
    lexer.addErrorListener(strict)
    parser = FHIRPathParser(CommonTokenStream(lexer))
    parser.removeErrorListeners()
    parser.addErrorListener(strict)
    listener = ASTPathListener()
    tree = parser.expression()
    if parser.getTokenStream().LA(1) != Token.EOF:
        raise ExpressionError("The expression is no FHIRPath.")
    ParseTreeWalker().walk(listener, tree)
    found: Node = listener.parentStack[0]
    return found
