"""A search done by looking at every resource: slow, plain, and made without the index's code.

It knows a handful of parameters, each by its own path, and R4's rules for their kinds:
https://hl7.org/fhir/R4/search.html#ptypes
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
TICK = timedelta(microseconds=1)
CITIZEN = "urn:oid:2.16.156.10011.1.3"
ALIAS = "urn:oid:2.16.840.1.113883.2.23.1.19.1"
STATUS = "http://hl7.org/fhir/observation-status"
GENDER = "http://hl7.org/fhir/administrative-gender"
SPECIAL = "http://terminology.hl7.org/CodeSystem/special-values"
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
# Enough of Unicode and of traditional characters for the texts of these tests.
FOLDS = str.maketrans("劉陳楊黃張麗華雲龍ÀÉÜéàü", "刘陈杨黄张丽华云龙aeueau")


def matches(resource, params, zone, now):
    """Whether a resource is what all parameters, (name, value) pairs, ask for."""
    return all(_one(resource, name, value, (zone, now)) for name, value in params)


def _one(resource, name, value, when):
    code, _, modifier = name.partition(":")
    kind, path = PARAMS[resource["resourceType"]][code]
    found = list(path(resource))
    wanted = value.split(",")
    if kind == "token":
        return any(_token(one, text) for one in found for text in wanted)
    if kind == "string":
        return any(_string(one, text, modifier) for one in found for text in wanted)
    if kind == "reference":
        return any(_reference(one, text, modifier, code) for one in found for text in wanted)
    return any(_date(one, text, *when) for one in found for text in wanted)


def _token(coding, text):
    system, code = coding
    asked, bar, value = text.rpartition("|")
    asked = CITIZEN if asked == ALIAS else asked
    if not bar:
        return code == value
    return system == asked and (not value or code == value)


def fold(text):
    wide = "".join(chr(ord(one) - 0xFEE0) if "！" <= one <= "～" else one for one in text)
    plain = " ".join(wide.replace("\u3000", " ").translate(FOLDS).casefold().split())
    return re.sub("(?<=[\u3400-\u9fff])[ ·・•‧]+(?=[\u3400-\u9fff])", "", plain)


def _string(text, asked, modifier):
    if modifier == "exact":
        return text == asked
    if modifier == "contains":
        return fold(asked) in fold(text)
    typed = fold(asked).replace(" ", "")
    return fold(text).startswith(fold(asked)) or any(
        typed.isascii() and sound.startswith(typed) for sound in _sounds(text)
    )


PINYIN = "liu chen yang huang zhang li hua yun long wang xiu ying de ming"
SOUNDS = dict(zip("刘陈杨黄张丽华云龙王秀英德明", PINYIN.split(), strict=True))


def _sounds(text):
    """A Chinese name as people type it: in pinyin, or by its initials."""
    found = [SOUNDS.get(one, "") for one in fold(text)]
    return ["".join(found), "".join(one[:1] for one in found)] if all(found) else []


def _reference(literal, asked, modifier, code):
    literal = literal.removeprefix("http://hutong.test/fhir/")
    asked = asked.removeprefix("http://hutong.test/fhir/")
    if code == "patient" and not literal.startswith("Patient/"):
        return False
    if "/" in asked:
        return literal == asked
    type_, _, id_ = literal.partition("/")
    if not re.fullmatch(r"[A-Z]\w+", type_) or (modifier and type_ != modifier):
        return False
    return id_ == asked


def _date(span, text, zone, now):
    return compares(*span(zone), text, zone, now)


def compares(low, high, text, zone, now):
    """Whether from low to high is as a date with its prefix asks."""
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    first, after = moment(rest, zone)
    if prefix == "ap":
        margin = max(abs(now - first), abs(now - after)) / 10
        return low < after + margin and high > first - margin
    inside = first <= low and high <= after
    return {
        "eq": inside,
        "ne": not inside,
        "gt": high > after,
        "lt": low < first,
        "ge": high > after or inside,
        "le": low < first or inside,
        "sa": low >= after,
        "eb": high <= first,
    }[prefix]


def moment(text, zone):
    """First moment of a FHIR date, and the first one after it."""
    if "T" not in text:
        year, month, day = [*map(int, text.split("-")), 0, 0][:3]
        last_month = month or 12
        last_day = day or monthrange(year, last_month)[1]
        start = datetime(year, month or 1, day or 1, tzinfo=zone)
        end = datetime(year, last_month, last_day, tzinfo=zone) + timedelta(days=1)
        return start.astimezone(UTC), end.astimezone(UTC)
    found = datetime.fromisoformat(text)
    found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    clock = re.split(r"Z|[+-]\d\d:\d\d$", text.partition("T")[2])[0]
    width = {5: timedelta(minutes=1), 8: timedelta(seconds=1)}.get(len(clock), TICK)
    return found, found + width


# Where the values of a parameter stand.


def _codings(concept):
    yield from ((one.get("system", ""), one["code"]) for one in concept.get("coding", ()))


def _each(name, *systems):
    """What tells no system is found without one, and with the one that its type or binding has."""
    return lambda resource: [
        (system, str(resource[name]).lower()) for system in ("", *systems) if name in resource
    ]


def _identifiers(resource):
    for one in resource.get("identifier", ()):
        system = one.get("system", "")
        yield CITIZEN if system == ALIAS else system, one["value"]


def _effective(resource):
    if "effectiveDateTime" in resource:
        yield lambda zone: moment(resource["effectiveDateTime"], zone)
    if "effectivePeriod" in resource:
        period = resource["effectivePeriod"]
        yield lambda zone: (
            moment(period["start"], zone)[0] if "start" in period else EVER[0],
            moment(period["end"], zone)[1] if "end" in period else EVER[1],
        )


def _birth(resource):
    if "birthDate" in resource:
        yield lambda zone: moment(resource["birthDate"], zone)


def _subject(resource):
    yield from [resource["subject"]["reference"]] if "subject" in resource else []


def _name_parts(resource):
    for name in resource.get("name", ()):
        family, given = name.get("family"), name.get("given", [])
        yield from [family] if family else []
        yield from given
        yield from [name["text"]] if "text" in name else []
        if family and given and "text" not in name and "\u3400" <= family[0] <= "\u9fff":
            yield family + "".join(given)


def _families(resource):
    return [name["family"] for name in resource.get("name", ()) if "family" in name]


PARAMS = {
    "Observation": {
        "code": ("token", lambda one: _codings(one["code"])),
        "category": (
            "token",
            lambda one: [c for x in one.get("category", ()) for c in _codings(x)],
        ),
        "status": ("token", _each("status", STATUS)),
        "identifier": ("token", _identifiers),
        "subject": ("reference", _subject),
        "patient": ("reference", _subject),
        "date": ("date", _effective),
        "_id": ("token", _each("id")),
    },
    "Patient": {
        "identifier": ("token", _identifiers),
        "gender": ("token", _each("gender", GENDER)),
        "active": ("token", _each("active", SPECIAL)),
        "name": ("string", _name_parts),
        "family": ("string", _families),
        "birthdate": ("date", _birth),
        "_id": ("token", _each("id")),
    },
}
