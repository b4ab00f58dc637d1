"""The value of a result, digit for digit as its laboratory sent it.

https://hl7.org/fhir/R4/observation-definitions.html#Observation.value_x_
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from gateway.web.display.element import Resource, digits, extension, part, text, words
from gateway.web.display.unit import unit
from gateway.web.speech import Speech, msg
from mappers.names import EXT_ORIGINAL_TEXT

# Statuses whose number must not be read as a result.
VOID = {"cancelled", "entered-in-error"}
ABSENT = {
    "unknown": msg("不详"),
    "asked-unknown": msg("不详"),
    "not-asked": msg("未申请"),
    "asked-declined": msg("拒绝检测"),
    "temp-unknown": msg("结果待报"),
    "masked": msg("不予显示"),
    "not-applicable": msg("不适用"),
    "unsupported": msg("无法表示"),
    "as-text": msg("见文字"),
    "error": msg("检测出错"),
    "not-a-number": msg("检测出错"),
    "negative-infinity": msg("检测出错"),
    "positive-infinity": msg("检测出错"),
    "not-performed": msg("未做"),
    "not-permitted": msg("不予提供"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in the value's place. `kind`: number, text, absent or void (no result stands).

    `original` is what was written where the digits were read out of a longer text.
    """

    text: str
    unit: str
    kind: str
    original: str = ""

    @property
    def whole(self) -> str:
        """The digits before the decimal point, with sign and comparator."""
        return self.text.partition(".")[0] if self.kind == "number" else self.text

    @property
    def fraction(self) -> str:
        """The decimal point and what follows it."""
        return self.text[len(self.whole) :]


def value(say: Speech, observation: Resource) -> Value:
    """Return the value of an observation, or the word for why there is none."""
    status = text(observation, "status")
    if status in VOID:
        return Value(reason(say, observation) or say(_VOID_WORDS[status]), "", "void")
    for key, read in READERS.items():
        if key in observation and (said := read(say, observation)).text:
            return said
    if observation.get("component"):
        return Value(say("见分项"), "", "text")
    return Value(reason(say, observation) or say(_waiting(status)), "", "absent")


def reason(say: Speech, observation: Resource) -> str:
    """Return why there is no value, in the sender's words if there are any."""
    absent = part(observation, "dataAbsentReason")
    if said := text(absent, "text"):
        return said
    code = next((text(one, "code") for one in absent.get("coding") or ()), "")
    return say(ABSENT[code]) if code in ABSENT else words(absent)


def number(observation: Resource) -> Decimal | None:
    """Return the number to compute with; None for bounded, void and other values."""
    quantity = part(observation, "valueQuantity")
    if text(observation, "status") in VOID or text(quantity, "comparator"):
        return None
    return decimal(quantity.get("value"))


def decimal(stored: object) -> Decimal | None:
    """Return a stored number for computing only."""
    try:
        return Decimal(digits(stored))
    except InvalidOperation:
        return None


def quantity_text(quantity: Resource) -> str:
    """Return comparator and digits; the comparator touches the number."""
    number_text = digits(quantity.get("value"))
    return text(quantity, "comparator") + number_text if number_text else ""


_VOID_WORDS = {"cancelled": msg("已取消"), "entered-in-error": msg("作废")}


def _waiting(status: str) -> str:
    return msg("结果待报") if status in {"registered", "preliminary"} else msg("未提供")


def _quantity(_say: Speech, observation: Resource) -> Value:
    quantity = part(observation, "valueQuantity")
    return Value(quantity_text(quantity), unit(quantity), "number", original(quantity))


def original(element: Resource) -> str:
    """Return the text that a value was read from, where it said more than the value."""
    return text(extension(element, EXT_ORIGINAL_TEXT), "valueString")


def _string(_say: Speech, observation: Resource) -> Value:
    return Value(text(observation, "valueString").strip(), "", "text")


def _concept(_say: Speech, observation: Resource) -> Value:
    return Value(words(part(observation, "valueCodeableConcept")), "", "text")


def _integer(_say: Speech, observation: Resource) -> Value:
    return Value(digits(observation["valueInteger"]), "", "number")


def _boolean(say: Speech, observation: Resource) -> Value:
    return Value(say("是") if observation["valueBoolean"] is True else say("否"), "", "text")


def _ratio(_say: Speech, observation: Resource) -> Value:
    ratio = part(observation, "valueRatio")
    above, below = part(ratio, "numerator"), part(ratio, "denominator")
    sides = [one for one in (quantity_text(above), quantity_text(below)) if one]
    return Value(":".join(sides), unit(above), "text", original(ratio))


def _range(_say: Speech, observation: Resource) -> Value:
    span = part(observation, "valueRange")
    low, high = part(span, "low"), part(span, "high")
    sides = [quantity_text(low), quantity_text(high)]
    said = "~".join(sides) if any(sides) else ""
    return Value(said, unit(low) or unit(high), "text", original(span))


def _time(_say: Speech, observation: Resource) -> Value:
    return Value(text(observation, "valueDateTime") or text(observation, "valueTime"), "", "text")


def _period(_say: Speech, observation: Resource) -> Value:
    period = part(observation, "valuePeriod")
    sides = [text(period, "start"), text(period, "end")]
    return Value("~".join(sides) if any(sides) else "", "", "text")


def _sampled(say: Speech, _observation: Resource) -> Value:
    return Value(say("波形数据"), "", "text")


READERS: dict[str, Callable[[Speech, Resource], Value]] = {
    "valueQuantity": _quantity,
    "valueString": _string,
    "valueCodeableConcept": _concept,
    "valueInteger": _integer,
    "valueBoolean": _boolean,
    "valueRatio": _ratio,
    "valueRange": _range,
    "valueDateTime": _time,
    "valueTime": _time,
    "valuePeriod": _period,
    "valueSampledData": _sampled,
}
