"""Expressions parsed once and evaluated within bounds of steps, sizes and length.

The library gives neither: what it calls for each node of an expression is counted here, so that an
expression that somebody stored in a profile ends in bounded time and memory.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from fhirpathpy import apply_parsed_path
from fhirpathpy.engine.evaluators import evaluators
from fhirpathpy.engine.invocations import invocation_registry
from fhirpathpy.engine.nodes import ResourceNode, TypeInfo
from fhirpathpy.models import models

from gateway.fhir.fhirpath import literals
from gateway.fhir.fhirpath.faults import ExpressionError, TooCostlyError
from gateway.fhir.fhirpath.functions import FUNCTIONS
from gateway.fhir.fhirpath.syntax import Node, parse

LONGEST: Final = 4_000
"""Characters of an expression."""
STEPS: Final = 100_000
MOST: Final = 20_000
"""Items of a collection, characters of a text."""
DIGITS: Final = 10**40

_MODEL: Final = models["r4"]
_BUDGET: Final = "hutong budget"
_OPTIONS: Final = {"returnRawData": True, "traceFn": lambda *_: None}


class Budget:
    """What one evaluation, or several that share it, may still do."""

    __slots__ = ("left",)

    def __init__(self, left: int = STEPS) -> None:
        self.left = left

    def step(self) -> None:
        """Count one step that is none of an expression's."""
        self.spend(None)

    def spend(self, found: Any) -> None:
        """Count one step and what it found."""
        self.left -= 1
        if isinstance(found, list):
            self.left -= len(found) // 8
            if len(found) > MOST or (found and _is_large(found[-1])):
                raise TooCostlyError("The expression makes too much.")
        if self.left < 0:
            raise TooCostlyError("The expression takes too long.")


def _is_large(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > MOST
    return isinstance(value, int) and not -DIGITS < value < DIGITS


def _counted(evaluator: Callable[..., Any]) -> Callable[..., Any]:
    def counted(ctx: Mapping[str, Any], data: Any, node: Node) -> Any:
        found = evaluator(ctx, data, node)
        # Whoever asks the library itself, in the same process, has none.
        if budget := ctx["vars"].get(_BUDGET):
            budget.spend(found)
        return found

    return counted


# The library looks up in these tables what a node or a name of a function means.
evaluators.update(literals.EVALUATORS)
evaluators.update({name: _counted(evaluator) for name, evaluator in evaluators.items()})
invocation_registry.update(FUNCTIONS)
TypeInfo.model = _MODEL


@lru_cache(2_048)
def parsed(expression: str) -> Node:
    """Return an expression taken apart; ExpressionError where it is none."""
    if len(expression) > LONGEST:
        raise ExpressionError("The expression is too long.")
    return parse(expression)


def evaluate(
    value: Any,
    expression: str,
    variables: Mapping[str, Any] | None = None,
    *,
    path: str = "",
    budget: Budget | None = None,
) -> Sequence[Any]:
    """Return what an expression finds, of a resource or of an element at a path of its type.

    Raises ExpressionError, which TooCostlyError is too.
    """
    node = parsed(expression)
    root = ResourceNode.create_node(value, path) if path else value
    given = {_BUDGET: budget or Budget(), "context": root} | dict(variables or {})
    try:
        found: list[Any] = apply_parsed_path(root, node, given, _MODEL, _OPTIONS)
    except ExpressionError:
        raise
    except RecursionError as error:
        raise TooCostlyError("The expression goes too deep.") from error
    except Exception as error:
        raise ExpressionError("The expression cannot be evaluated here.") from error
    return found


def holds(
    value: Any,
    expression: str,
    variables: Mapping[str, Any] | None = None,
    *,
    path: str = "",
    budget: Budget | None = None,
) -> bool:
    """Return whether a condition holds: nothing counts as false, one value that is none as true."""
    found = evaluate(value, expression, variables, path=path, budget=budget)
    if len(found) != 1:
        return bool(found)
    one = plain(found[0])
    return one if isinstance(one, bool) else True


def plain(value: Any) -> Any:
    """Return a value without the library's wrapping, numbers exact."""
    if isinstance(value, ResourceNode):
        value = value.data
    return Decimal(str(value)) if isinstance(value, float) else value
