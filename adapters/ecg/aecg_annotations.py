"""Annotations of an aECG series: what the device measured and what it says of it.

Makers nest them in their own ways, so every annotation is looked at wherever it stands; a code
decides what it is.
"""

from collections.abc import Iterator

from adapters.ecg.reading import Reading
from adapters.ecg.xml import Element

BEAT = "MDC_ECG_BEAT"
WAVE = "MDC_ECG_WAVC"
RHYTHM = "MDC_ECG_RHY"
LEAD = "MDC_ECG_LEAD_"
INTERPRETATION = "MDC_ECG_INTERPRETATION"
KINDS = {"": "statement", "_STATEMENT": "statement", "_SUMMARY": "summary", "_COMMENT": "comment"}

Number = tuple[str, str, str, str]
"""Code, system, value, unit."""


def read_annotations(series: Element, reading: Reading, *, reason: str = "") -> None:
    """Read the annotation sets of a series; with a reason their numbers stay in the file."""
    for subject in series.all("subjectOf"):
        for one in subject.all("annotationSet"):
            _Set(reading, reason).read(one)


class _Set:
    """One annotation set: one session of measuring."""

    def __init__(self, reading: Reading, reason: str) -> None:
        self._reading = reading
        self._reason = reason
        self._by_beat: dict[str, dict[Number, None]] = {}

    def read(self, element: Element) -> None:
        for annotation in _annotations(element):
            self._look(annotation, in_beat=False)
        for numbers in self._by_beat.values():
            # A value that is the same in every beat is the recording's; of others none is chosen.
            if len(numbers) == 1:
                self._measure(*next(iter(numbers)))
            else:
                self._reading.skip("measurement", "differs-by-beat")

    def _look(self, annotation: Element, *, in_beat: bool) -> None:
        code, value = annotation.at("code").get("code"), annotation.at("value")
        if _of_lead(annotation):
            self._lead(annotation)
            return
        if code.startswith(WAVE):
            self._reading.remark("wave-boundaries", "annotation")
        elif code.startswith(INTERPRETATION):
            self._state(KINDS.get(code.removeprefix(INTERPRETATION), "statement"), value.text)
        elif code == RHYTHM:
            self._state("rhythm", value.get("displayName") or value.get("code"))
        elif code != BEAT and value.get("value"):
            number = (code, _system(annotation), value.get("value"), value.get("unit"))
            if in_beat:
                self._by_beat.setdefault(code, {})[number] = None
            else:
                self._measure(*number)
        for inner in _annotations(annotation):
            self._look(inner, in_beat=in_beat or code == BEAT)

    def _lead(self, annotation: Element) -> None:
        """Leave what concerns one lead: a matrix of numbers, or where its waves begin and end."""
        if annotation.at("code").get("code").startswith(WAVE):
            self._reading.remark("wave-boundaries", "annotation")
        else:
            self._reading.skip("measurement", "lead-measurement")

    def _measure(self, code: str, system: str, value: str, unit: str) -> None:
        if self._reason:
            self._reading.skip("measurement", self._reason)
        else:
            self._reading.measure(code, system, value, unit)

    def _state(self, kind: str, text: str) -> None:
        if not self._reason:
            self._reading.state(kind, text)
        elif text:
            self._reading.skip("statement", self._reason)


def _annotations(element: Element) -> Iterator[Element]:
    for component in element.all("component"):
        yield from component.all("annotation")


def _of_lead(annotation: Element) -> bool:
    """Return whether the region that an annotation is about is that of one lead."""
    return any(
        component.at("boundary/code").get("code").startswith(LEAD)
        for support in annotation.all("support")
        for region in support.all("supportingROI")
        for component in region.all("component")
    )


def _system(annotation: Element) -> str:
    code = annotation.at("code")
    if code.get("codeSystem") == "2.16.840.1.113883.6.24":
        return "MDC"
    return code.get("codeSystemName") or code.get("codeSystem")
