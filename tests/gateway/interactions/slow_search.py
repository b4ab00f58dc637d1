"""Search by looking at raw JSON: R4's rules for every kind of parameter, made without the index.

It reads the published expressions by itself, keeps no rows, and knows units by a table of its own.
https://hl7.org/fhir/R4/search.html
"""

import math
import re
from fractions import Fraction

from tests.gateway.interactions.naive import EVER, compares, fold, moment

UCUM = "http://unitsofmeasure.org"
CURRENCY = "urn:iso:std:iso:4217"
# What the tests write: to grams a cubic metre, to seconds, to nothing.
UNITS = {"mg/dL": ("mass", 10), "g/L": ("mass", 1000), "mg/L": ("mass", 1), "a": ("time", 31557600)}
UNITS |= {"d": ("time", 86400), "%": ("one", Fraction(1, 100)), "1": ("one", 1)}
INFINITE = math.inf


def select(resource, expression):
    """The (value, type or "") pairs that an expression leads to."""
    return [found for part in expression.split("|") for found in _member(resource, part.strip())]


def _member(resource, text):
    if truth := re.fullmatch(r"([\w.]+)\.exists\(\) and .*", text):
        found = [value for value, _ in _member(resource, truth[1])]
        return [(bool(found) and found[0] is not False, "boolean")]
    if cast := re.fullmatch(r"\(([\w.]+) as (\w+)\)(.*)", text):
        text = f"{cast[1]}.as({cast[2]}){cast[3]}"
    nodes = [(resource, "")]
    for step in re.findall(r"\.(\w+(?:\([^)]*\)[^.]*\)|\([^)]*\))?(?:\[\d+\])?)", text):
        nodes = _step(nodes, step)
    return nodes


def _step(nodes, step):
    if kind := re.fullmatch(r"as\((\w+)\)", step):
        return [one for one in nodes if one[1].lower() == kind[1].lower()]
    if kind := re.fullmatch(r"where\(resolve\(\) is (\w+)\)", step):
        return [one for one in nodes if _leads(one[0], kind[1])]
    if equal := re.fullmatch(r"where\((\w+)='([^']*)'\)", step):
        return [one for one in nodes if one[0].get(equal[1]) == equal[2]]
    name, _, index = step.rstrip("]").partition("[")
    found = []
    for value, _ in nodes:
        for key, child in value.items() if isinstance(value, dict) else ():
            kind = key[len(name) :] if key.startswith(name) else None
            if kind is None or (kind and not kind[0].isupper()):
                continue
            if kind and (name not in CHOICES or kind[0].lower() + kind[1:] not in TYPES):
                continue
            many = child if isinstance(child, list) else [child]
            many = [one for one in many if one is not None]
            found += [(one, kind) for one in (many[int(index) : int(index) + 1] if index else many)]
    return found


def _leads(reference, type_):
    literal = reference.get("reference", "")
    if not literal:
        return reference.get("type") == type_
    return bool(re.search(rf"(^|/){type_}/[^/]+(/_history/\d+)?$", literal))


CHOICES = set()
"""Names of elements that come in several types; filled by the test from the definitions."""
TYPES = set()


def matches(kind, values, modifier, text, more):
    """Whether any value answers any of the alternatives in `text`."""
    return any(_ONE[kind](value, modifier, one, more) for value in values for one in split(text))


def split(text):
    return text.split(",")


# Tokens.


def codings(value):
    """The (system, code) pairs of a value."""
    value, _ = value
    if not isinstance(value, dict):
        return [("", value if isinstance(value, str) else str(value).lower())]
    if "coding" in value or "text" in value:
        codes = value.get("coding", ())
        return [(one.get("system", ""), one["code"]) for one in codes if "code" in one]
    if "code" in value and "value" not in value:
        return [(value.get("system", ""), value["code"])]
    if value.get("system") in {"phone", "email"}:
        return [("", value["value"])]
    return [(value.get("system", ""), value["value"])] if "value" in value else []


def words(value):
    value, _ = value
    if not isinstance(value, dict):
        return []
    told = [one.get("display") for one in value.get("coding", ())]
    if "code" in value and "value" not in value:
        told.append(value.get("display"))
    told += [value.get("text"), value.get("type", {}).get("text")]
    return [one for one in told if one]


def _token(value, modifier, text, more):
    if modifier == "text":
        return any(fold(text) in fold(one) for one in words(value))
    if modifier == "of-type":
        system, code, number = text.split("|")
        kinds = value[0].get("type", {}).get("coding", ()) if isinstance(value[0], dict) else ()
        typed = any((one.get("system", ""), one["code"]) == (system, code) for one in kinds)
        return typed and value[0].get("value") == number
    if modifier in {"in", "not-in", "above", "below"}:
        return any(one in more[modifier, text] for one in codings(value))
    system, bar, code = text.rpartition("|")
    return any(
        (not bar or has == system) and (not code or own == code) for has, own in codings(value)
    )


def _reference(value, modifier, text, more):
    del more
    value, _ = value
    if modifier == "identifier":
        return isinstance(value, dict) and _token((value.get("identifier", {}), ""), "", text, {})
    literal = value.get("reference", "") if isinstance(value, dict) else value
    literal = literal.removeprefix("http://hutong.test/fhir/").partition("/_history/")[0]
    if "://" in text or text.startswith("urn:"):
        return text in {literal, literal.partition("|")[0]}
    if "/" in text:
        return literal == text
    type_, _, id_ = literal.rpartition("/")
    return bool(re.fullmatch(r"[A-Z]\w+", type_)) and id_ == text and modifier in {"", type_}


def _string(value, modifier, text, more):
    del more
    for one in _texts(value[0]):
        if modifier == "exact" and one == text:
            return True
        if modifier == "contains" and fold(text) in fold(one):
            return True
        if not modifier and fold(one).startswith(fold(text)):
            return True
    return False


def _texts(value):
    if isinstance(value, str):
        return [value]
    keys = ("family", "given", "prefix", "suffix", "text", "line", "city", "district", "state")
    found = []
    for key in (*keys, "postalCode", "country"):
        one = value.get(key, [])
        found += [one] if isinstance(one, str) else one
    if "text" not in value and re.match("[\u4e00-\u9fff]", value.get("family", "")):
        found.append(value["family"] + "".join(value.get("given", ())))
    return found


def _date(value, modifier, text, more):
    del modifier
    value, _ = value
    zone, now = more["zone"], more["now"]
    if isinstance(value, str):
        if not re.match(r"\d{4}", value):
            return False
        low, high = moment(value, zone)
    else:
        events = [moment(one, zone) for one in value.get("event", ())]
        period = value.get("repeat", {}).get("boundsPeriod", value)
        if {"start", "end"} & period.keys():
            start, end = period.get("start"), period.get("end")
            events.append(
                (
                    moment(start, zone)[0] if start else EVER[0],
                    moment(end, zone)[1] if end else EVER[1],
                )
            )
        if not events:
            return False
        low, high = min(one for one, _ in events), max(one for _, one in events)
    return compares(low, high, text, zone, now)


# Numbers.


def _ends(value):
    """Low, high, and whether they are open, of a number, Quantity or Range; its units."""
    if not isinstance(value, dict):
        return Fraction(str(value)), Fraction(str(value)), ("", "", "")
    if "low" in value or "high" in value:
        low, high = value.get("low", {}), value.get("high", {})
        some = low or high
        return (
            Fraction(str(low["value"])) if low else -INFINITE,
            Fraction(str(high["value"])) if high else INFINITE,
            (some.get("system", ""), some.get("code", ""), some.get("unit", "")),
        )
    if "value" not in value:
        return None
    exact = Fraction(str(value["value"]))
    if "currency" in value:
        return exact, exact, (CURRENCY, value["currency"], value["currency"])
    tiny = Fraction(1, 10**30)
    low, high = {
        "<": (-INFINITE, exact - tiny),
        "<=": (-INFINITE, exact),
        ">": (exact + tiny, INFINITE),
        ">=": (exact, INFINITE),
    }.get(value.get("comparator"), (exact, exact))
    return low, high, (value.get("system", ""), value.get("code", ""), value.get("unit", ""))


def _number(value, modifier, text, more):
    del modifier, more
    ends = _ends(value[0])
    if ends is None:
        return False
    low, high, (has_system, has_code, has_unit) = ends
    wanted, *unit = text.split("|")
    prefix, rest = (wanted[:2], wanted[2:]) if wanted[:2].isalpha() else ("eq", wanted)
    exact = Fraction(rest)
    mantissa, _, power = rest.lower().partition("e")
    last = int(power or 0) - len(mantissa.partition(".")[2])
    half = Fraction(1, 2) * Fraction(10) ** (last - (1 if last > 0 and "." not in rest else 0))
    start, end = exact - half, exact + half
    if prefix == "ap":
        start, end = exact - abs(exact) / 10, exact + abs(exact) / 10
    system, code = ([*unit, "", ""])[:2] if len(unit) == 2 else ("", "")
    if code and not system and code not in {has_code, has_unit}:
        return False
    if code and system:
        scale = _scale(system, code, has_system, has_code)
        if scale is None:
            return False
        own, other = scale
        low, high = low * own, high * own
        exact, start, end = exact * other, start * other, end * other
    inside = start <= low < end and high < end
    return {
        "eq": inside,
        "ne": not inside,
        "gt": high > exact,
        "lt": low < exact,
        "ge": high >= exact,
        "le": low <= exact,
        "sa": low > exact,
        "eb": high < exact,
        "ap": low <= end and high >= start,
    }[prefix]


def _scale(system, code, has_system, has_code):
    """By what the stored and the asked value are multiplied to be compared, None if never."""
    if system == UCUM == has_system and code in UNITS and has_code in UNITS:
        (kind, own), (other_kind, other) = UNITS[has_code], UNITS[code]
        return (own, other) if kind == other_kind else None
    return (1, 1) if (system, code) == (has_system, has_code) else None


def _uri(value, modifier, text, more):
    value, _ = value
    own = value.get("url", "") if isinstance(value, dict) else value
    if "|" in own and _uri((own.partition("|")[0], ""), modifier, text, more):
        return True
    if modifier == "below":
        return own == text or own.startswith(text if text.endswith("/") else f"{text}/")
    if modifier == "above":
        rest = text.rstrip("/")
        return "://" in own and (own == text or f"{rest}/".startswith(own.rstrip("/") + "/"))
    return text == own


_ONE = {
    "token": _token,
    "reference": _reference,
    "string": _string,
    "date": _date,
    "number": _number,
    "quantity": _number,
    "uri": _uri,
}
