"""The rules of definitions: those that come up everywhere as functions, the others by FHIRPath.

https://hl7.org/fhir/R4/conformance-rules.html#constraints
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.conformance.report import Report
from gateway.conformance.tree import Constraint
from gateway.conformance.values import Value
from gateway.fhir import ucum
from gateway.fhir.dates import interval
from gateway.fhir.fhirpath.engine import holds
from gateway.fhir.fhirpath.faults import ExpressionError
from gateway.fhir.measures import decimal
from gateway.fhir.narrative import is_sound

UTC: Final = ZoneInfo("UTC")
PERCENT: Final = 100


@dataclass(slots=True)
class Rules:
    """Judges the rules of one resource; `root` is the one that contains it, or itself."""

    report: Report
    resource: Mapping[str, Any]
    root: Mapping[str, Any]
    seen: dict[tuple[str, str], bool | None] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def judge(self, constraint: Constraint, value: Value) -> None:
        """Take down what a rule says of a value."""
        if not constraint.expression:
            return
        self.report.budget.step()
        name = constraint.expression, value.place
        if name not in self.seen:
            self.seen[name] = self._holds(constraint.expression, value)
        if self.seen[name] is False:
            severity = "error" if constraint.severity == "error" else "warning"
            text = f"Rule {constraint.key}: {constraint.human}"
            self.report.add(severity, "invariant", text, value.place)
        elif self.seen[name] is None:
            text = f"Rule {constraint.key} could not be evaluated here."
            self.report.add("information", "not-supported", text, self.resource["resourceType"])

    def _holds(self, expression: str, value: Value) -> bool | None:
        """Return whether a rule holds, None where that cannot be told."""
        native = NATIVE.get(expression)
        if native is not None:
            return native(value, self)
        if expression in self.broken:
            return None
        around = {"resource": self.resource, "rootResource": self.root}
        try:
            return holds(
                value.value, expression, around, path=value.type, budget=self.report.budget
            )
        except ExpressionError:
            # Once is enough: it would fail, or take as long, at the next place too.
            self.broken.add(expression)
            return None


Native = Callable[[Value, Rules], bool]


def _extension(value: Value, _: Rules) -> bool:
    holder = value.value
    has_value = any(key.lstrip("_").startswith("value") for key in holder)
    return ("extension" in holder) != has_value


def _contained(rules: Rules) -> list[Mapping[str, Any]]:
    return list(rules.resource.get("contained", ()))


def _referred(_: Value, rules: Rules) -> bool:
    """Return whether each contained resource is referred to, or refers to what contains it."""
    contained = _contained(rules)
    if not contained:
        return True
    fragments = {text for text in _texts(rules.resource) if text.startswith("#")}
    return all(f"#{one.get('id')}" in fragments or "#" in _texts(one) for one in contained)


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            pending += one.values()
        elif isinstance(one, list):
            pending += one


def _reference(value: Value, rules: Rules) -> bool:
    target = value.value.get("reference", "")
    if not target.startswith("#") or target == "#":
        return True
    return any(one.get("id") == target[1:] for one in rules.root.get("contained", ()))


def _period(value: Value, _: Rules) -> bool:
    start, end = value.value.get("start"), value.value.get("end")
    if not start or not end:
        return True
    return interval(start, UTC)[0] < interval(end, UTC)[1]


def _range(value: Value, _: Rules) -> bool:
    low, high = value.value.get("low", {}), value.value.get("high", {})
    if "value" not in low or "value" not in high:
        return True
    first, second = (decimal(one["value"]) for one in (low, high))
    names = [(one.get("system"), one.get("code") or one.get("unit")) for one in (low, high)]
    if names[0] == names[1]:
        return first <= second
    units = [ucum.canonical(str(code)) for _, code in names]
    if units[0] is None or units[1] is None or units[0].dimension != units[1].dimension:
        return True
    return units[0].convert(first) <= units[1].convert(second)


def _narrative(value: Value, _: Rules) -> bool:
    return is_sound(str(value.value))


_NOT_REFERRED: Final = (
    "contained.where((('#'+id in (%resource.descendants().reference |"
    " %resource.descendants().as(canonical) | %resource.descendants().as(uri) |"
    " %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or"
    " descendants().where(as(canonical) = '#').exists() or"
    " descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()"
)
_RESOLVED: Final = (
    "reference.startsWith('#').not() or"
    " (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))"
)

# Three rules of R4 say something else than they mean where what they speak of is absent.
_UNVERSIONED: Final = "fullUrl.contains('/_history/').not()"
_BELOW_100: Final = "probability is decimal implies (probability as decimal) <= 100"
_TRUTH: Final = "operator = 'exists' implies (answer is Boolean)"

NATIVE: Final[Mapping[str, Native]] = {
    _UNVERSIONED: lambda value, _: "/_history/" not in value.value.get("fullUrl", ""),
    _BELOW_100: lambda value, _: value.value.get("probabilityDecimal", 0) <= PERCENT,
    _TRUTH: lambda value, _: (
        value.value.get("operator") != "exists" or "answerBoolean" in value.value
    ),
    # That every element has a value or children is what its structure was checked for.
    "hasValue() or (children().count() > id.count())": lambda _value, _rules: True,
    "extension.exists() != value.exists()": _extension,
    "contained.contained.empty()": lambda _, rules: (
        not any("contained" in one for one in _contained(rules))
    ),
    _NOT_REFERRED: _referred,
    "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()": (
        lambda _, rules: (
            not any(
                {"versionId", "lastUpdated"} & one.get("meta", {}).keys()
                for one in _contained(rules)
            )
        )
    ),
    "contained.meta.security.empty()": lambda _, rules: (
        not any("security" in one.get("meta", {}) for one in _contained(rules))
    ),
    "text.`div`.exists()": lambda value, _: "div" in value.value.get("text", {}),
    _RESOLVED: _reference,
    "start.hasValue().not() or end.hasValue().not() or (start <= end)": _period,
    "low.empty() or high.empty() or (low <= high)": _range,
    "htmlChecks()": _narrative,
    "code.empty() or system.exists()": lambda value, _: (
        "code" not in value.value or "system" in value.value
    ),
    "value.empty() or system.exists()": lambda value, _: (
        "value" not in value.value or "system" in value.value
    ),
}
"""Rules by their expression; tests hold each against what FHIRPath makes of it."""
