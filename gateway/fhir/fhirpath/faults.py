"""What may be wrong with an expression.

ExpressionError
└── TooCostlyError
"""


class ExpressionError(Exception):
    """The expression is no FHIRPath, or cannot be evaluated here."""


class TooCostlyError(ExpressionError):
    """It would take more steps, or make more, than an expression may."""
