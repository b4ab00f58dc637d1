"""Where a FHIRPath leads in a resource: not the values alone, but the places that hold them.

https://hl7.org/fhir/R4/fhirpatch.html allows what leads to elements: names, indexes, `where`,
`first`, `last`, `single`, `extension`, `ofType`, `as`. http://hl7.org/fhirpath/N1/
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from gateway.errors import CostlyError, InvalidRequestError
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.number import number
from gateway.fhir.structures import Element, structure

MAX_PATH: Final = 2_000
MAX_DEPTH: Final = 16
MAX_LOOKS: Final = 500_000

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<moment>@[\dT:.+\-Z]+)
    | (?P<name>[A-Za-z_]\w*|`[^`]+`)
    | (?P<sign>!=|[.()\[\]=])
    )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Spot:
    """One element: the object that holds it, under which key, where in the list.

    The resource itself has no holder. `extra` is what stands beside a primitive value.
    """

    value: Any
    type: str
    holder: dict[str, Any] | None = None
    element: Element | None = None
    index: int | None = None
    extra: Any = None
    above: "Spot | None" = None

    def child(self, name: str) -> Iterator["Spot"]:
        """Yield the elements of this name."""
        holder = self.value if isinstance(self.value, dict) else self.extra
        if not isinstance(holder, dict):
            return
        for element in self.elements(name):
            key, beside = element.key, f"_{element.key}"
            if key not in holder and beside not in holder:
                continue
            value, extra = holder.get(key), holder.get(beside)
            if not element.many:
                yield Spot(value, _kind(element, value), holder, element, None, extra, self)
                continue
            values, extras = value or [], extra or []
            for index in range(max(len(values), len(extras))):
                one = values[index] if index < len(values) else None
                more = extras[index] if index < len(extras) else None
                yield Spot(one, _kind(element, one), holder, element, index, more, self)

    def elements(self, name: str) -> list[Element]:
        """Return the elements that a name stands for: several where the element is a choice."""
        type_ = self.type if isinstance(self.value, dict) else "Element"
        found = structure(type_)
        if name in found and not found[name].choice:
            return [found[name]]
        return [one for one in found.values() if one.name == f"{name}[x]" or one.key == name]


def _kind(element: Element, value: Any) -> str:
    if element.type == "Resource" and isinstance(value, Mapping):
        named = value.get("resourceType")
        return named if isinstance(named, str) and named in TYPE_IDS else "Resource"
    return element.type


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a name, an index, or a function with what it is given."""

    kind: str  # name, index, where, first, last, single, extension, type
    text: str = ""
    number: int = 0
    test: Any = None


Path = tuple[Step, ...]
Spots = list[Spot]


def parse(text: str) -> Path:
    """Return the steps of a path; InvalidRequestError where it is none that a patch may have."""
    if len(text) > MAX_PATH:
        raise _wrong()
    reader = _Reader(text)
    path = reader.path()
    if reader.kind:
        raise _wrong()
    return path


class Budget:
    """How much one patch may look at: every step over every element counts."""

    __slots__ = ("_left",)

    def __init__(self, limit: int = MAX_LOOKS) -> None:
        self._left = limit

    def spend(self, count: int) -> None:
        """Take some; CostlyError where nothing is left."""
        self._left -= count
        if self._left < 0:
            raise CostlyError("The patch looks at too many elements; send it in parts.")


def find(root: Spot, path: Path, budget: Budget) -> Spots:
    """Return the elements that a path leads to."""
    steps = list(path)
    if steps and steps[0].kind == "name" and steps[0].text in {root.type, "Resource"}:
        steps.pop(0)
    return _walk([root], steps, budget)


def _walk(spots: Spots, steps: Sequence[Step], budget: Budget) -> Spots:
    for step in steps:
        budget.spend(len(spots))
        spots = _take(spots, step, budget)
        budget.spend(len(spots))
    return spots


def _take(spots: Spots, step: Step, budget: Budget) -> Spots:
    if step.kind == "single" and len(spots) > 1:
        raise InvalidRequestError("single() finds more than one element.")
    if step.kind == "where":
        return [one for one in spots if step.test.holds(one, budget)]
    return _TAKE[step.kind](spots, step)


_TAKE: Final[Mapping[str, Callable[[Spots, Step], Spots]]] = {
    "name": lambda spots, step: [one for spot in spots for one in spot.child(step.text)],
    "index": lambda spots, step: spots[step.number : step.number + 1],
    "first": lambda spots, _: spots[:1],
    "single": lambda spots, _: spots,
    "last": lambda spots, _: spots[-1:],
    "type": lambda spots, step: [one for one in spots if one.type == step.text],
    "extension": lambda spots, step: [
        one
        for spot in spots
        for one in spot.child("extension")
        if isinstance(one.value, dict) and one.value.get("url") == step.text
    ],
}


# Conditions within where().


@dataclass(frozen=True, slots=True)
class Compared:
    """A path, and what it must equal, must not, or None where it must merely be there."""

    path: Path
    literal: Any
    sign: str

    def holds(self, spot: Spot, budget: Budget) -> bool:
        """Return whether the condition is true of an element."""
        found = _walk([spot], self.path, budget)
        if self.sign == "exists":
            return bool(found)
        if not found:
            return False
        equal = len(found) == 1 and _equal(found[0].value, self.literal)
        return equal == (self.sign == "=")


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by `and` or `or`."""

    word: str
    tests: tuple[Any, ...]

    def holds(self, spot: Spot, budget: Budget) -> bool:
        """Return whether the condition is true of an element."""
        found = (one.holds(spot, budget) for one in self.tests)
        return all(found) if self.word == "and" else any(found)


def _equal(value: Any, literal: Any) -> bool:
    if isinstance(literal, Decimal):
        if isinstance(value, bool) or not isinstance(value, (int, float, msgspec.Raw)):
            return False
        return number(value) == literal
    return type(value) is type(literal) and bool(value == literal)


class _Reader:
    """Reads a path, token by token."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._at = 0
        self._depth = 0
        self.kind = self.word = ""
        self._next()

    def _next(self) -> str:
        word = self.word
        if self._at >= len(self._text):
            self.kind = self.word = ""
            return word
        found = _TOKEN.match(self._text, self._at)
        if not found or found.lastgroup is None:
            raise _wrong()
        self._at = found.end()
        self.kind, self.word = found.lastgroup, found[found.lastgroup]
        return word

    def _take(self, sign: str) -> bool:
        if self.kind == "sign" and self.word == sign:
            self._next()
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise _wrong()

    def path(self) -> Path:
        steps: list[Step] = []
        if self._take("("):
            steps += self.path()
            if self.word != "as" or self.kind != "name":
                raise _wrong()
            self._next()
            steps.append(Step("type", self._name()))
            self._need(")")
        else:
            steps += self._step()
        while True:
            if self._take("."):
                steps += self._step()
            elif self._take("["):
                if self.kind != "number" or not self.word.isdigit():
                    raise _wrong()
                steps.append(Step("index", number=int(self._next()[:9])))
                self._need("]")
            else:
                return tuple(steps)

    def _name(self) -> str:
        if self.kind != "name":
            raise _wrong()
        return self._next().strip("`")

    def _step(self) -> list[Step]:
        name = self._name()
        if not self._take("("):
            return [Step("name", name)]
        if name in {"first", "last", "single"}:
            step = Step(name)
        elif name in {"ofType", "as"}:
            step = Step("type", self._name())
        elif name == "extension" and self.kind == "string":
            step = Step("extension", _unquoted(self._next()))
        elif name == "where":
            step = Step("where", test=self._condition())
        else:
            raise _wrong()
        self._need(")")
        return [step]

    def _condition(self) -> Any:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _wrong()
        tests = [self._both()]
        while self.kind == "name" and self.word == "or":
            self._next()
            tests.append(self._both())
        self._depth -= 1
        return tests[0] if len(tests) == 1 else Joined("or", tuple(tests))

    def _both(self) -> Any:
        tests = [self._one()]
        while self.kind == "name" and self.word == "and":
            self._next()
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else Joined("and", tuple(tests))

    def _one(self) -> Any:
        if self._take("("):
            found = self._condition()
            self._need(")")
            return found
        path = self._tested()
        if path[-1].kind == "exists":
            return Compared(path[:-1], None, "exists")
        if self.kind != "sign" or self.word not in {"=", "!="}:
            raise _wrong()
        sign = self._next()
        return Compared(path, self._literal(), sign)

    def _tested(self) -> Path:
        """Return a path within a condition, which may end with exists()."""
        steps: list[Step] = []
        while True:
            name = self._name()
            if name == "exists" and self._take("("):
                self._need(")")
                return (*steps, Step("exists"))
            if self._take("("):
                if name != "extension" or self.kind != "string":
                    raise _wrong()
                steps.append(Step("extension", _unquoted(self._next())))
                self._need(")")
            else:
                steps.append(Step("name", name))
            while self._take("["):
                if not self.word.isdigit():
                    raise _wrong()
                steps.append(Step("index", number=int(self._next()[:9])))
                self._need("]")
            if not self._take("."):
                return tuple(steps)

    def _literal(self) -> Any:
        kind, word = self.kind, self._next()
        match kind:
            case "string":
                return _unquoted(word)
            case "number":
                return Decimal(word)
            case "moment":
                return word.removeprefix("@").removeprefix("T")
            case "name" if word in {"true", "false"}:
                return word == "true"
            case _:
                raise _wrong()


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), word[1:-1])


def _wrong() -> InvalidRequestError:
    return InvalidRequestError(
        "The path is none that a patch may have: names, indexes, where, first, last, single,"
        " extension, ofType.",
    )
