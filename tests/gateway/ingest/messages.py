"""Messages of invented patients."""

ZHANG = "331827199003072336"
"""A valid citizen ID: 7 March 1990, male."""


def pid(numbers="1^^^B^MR", name="张^三", born="19900307", sex="M", citizen=""):
    return f"PID|1||{numbers}||{name}||{born}|{sex}|||||||||||{citizen}"


def header(kind, sender="B", at="20261122080000", control="1", application="LIS"):
    return (
        f"MSH|^~\\&|{application}|{sender}|HUB|C|{at}||{kind}|{control}|P|2.5.1||||||UNICODE UTF-8"
    )


def rows(*results, status="F", at=""):
    return [
        f"OBX|{number}|NM|{code}^{code}^L||{value}|mmol/L|3-6||||{status}|||{at}"
        for number, (code, value) in enumerate(results, 1)
    ]


def oru(
    *results,
    sender="B",
    who=None,
    status="F",
    placer="",
    filler="R1",
    issued="20261122083000",
    sent="20261122083000",
    control="1",
    extra=(),
):
    return "\r".join(
        [
            header("ORU^R01", sender, sent, control),
            who or pid(f"1^^^{sender}^MR"),
            f"OBR|1|{placer}|{filler}|BIO^Panel^L|||20261122080000|||||||||||||||{issued}||LAB|{status}",
            *rows(*(results or (("GLU", "5.10"),)), status=status),
            *extra,
            "",
        ]
    )


def orm(
    placer="ORD1",
    *,
    sender="A",
    who=None,
    control="NW",
    at="20261122070000",
    number="1",
    code="BIO^Panel^L",
    filler="",
):
    return "\r".join(
        [
            header("ORM^O01", sender, at, number, "HIS"),
            who or pid(f"1^^^{sender}^MR"),
            f"ORC|{control}|{placer}|{filler}||||||{at}",
            f"OBR|1|{placer}|{filler}|{code}",
            "",
        ]
    )


def adt(event="A08", *, sender="B", who=None, at="20261122060000", prior="", control="1"):
    return "\r".join(
        [
            header(f"ADT^{event}", sender, at, control, "HIS"),
            f"EVN|{event}|{at}",
            who or pid(f"1^^^{sender}^MR"),
            *([f"MRG|{prior}"] if prior else []),
            "",
        ]
    )
