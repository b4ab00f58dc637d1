"""What the readers of all formats gather on the way: remarks, faults, measurements, statements."""

from collections import Counter

from adapters.ecg.codes import ABSENT, AXES, MEASUREMENTS, SPELLINGS, UNITS
from adapters.ecg.numbers import decimal
from adapters.ecg.records import Measurement, Remark, Statement

LONGEST = 2000
"""Characters of one statement."""
MOST_SAMPLES = 2_000_000
"""Of one file: a minute of 24 leads at 1000 Hz. A day's recording is no resting ECG."""
CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), " ")


def clean(text: str) -> str:
    """Return a text of a file without control characters and lone surrogates, stripped."""
    if not text.isprintable():
        text = text.encode("utf-8", "ignore").decode().translate(CONTROLS)
    return text.strip()


class Reading:
    """One file being read."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.measurements: list[Measurement] = []
        self.statements: list[Statement] = []
        self.skips: list[Remark] = []
        self.faults: list[Remark] = []
        self._remarks: dict[Remark, None] = {}
        self._samples = 0

    def remark(self, code: str, place: str) -> None:
        """Remark on a place, once."""
        self._remarks.setdefault(Remark(code, place))

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What was remarked, in order."""
        return tuple(self._remarks)

    def fault(self, code: str, place: str) -> None:
        """Say why the file cannot be used."""
        self.faults.append(Remark(code, place))

    def has_room(self, samples: int, place: str) -> bool:
        """Return whether so many samples more may be read; if not, that is a fault."""
        self._samples += samples
        if self._samples <= MOST_SAMPLES:
            return True
        self.fault("too-many-parts", place)
        return False

    def count(self, name: str) -> str:
        """Count a lead, measurement or statement; return its place."""
        self.received[name] += 1
        return f"{name}[{self.received[name]}]"

    def skip(self, name: str, reason: str) -> None:
        """Count something that stays in the file."""
        self.skips.append(Remark(reason, self.count(name)))

    def measure(self, code: str, system: str, value: str, unit: str) -> None:
        """Take a number of the device, or leave it with its reason."""
        found = self._measurement(code, system, value, unit)
        if isinstance(found, str):
            self.skip("measurement", found)
        elif found in self.measurements:
            self.skip("measurement", "repeated")
        else:
            self.count("measurement")
            self.measurements.append(found)

    def _measurement(self, code: str, system: str, value: str, unit: str) -> Measurement | str:
        """Return the measurement, or why it is none."""
        kind = MEASUREMENTS.get(code.upper())
        if kind is None:
            return "unknown-measurement"
        number = decimal(value)
        if number is None:
            self.remark("not-a-number", kind)
            return "absent-value"
        if number in ABSENT or (number <= 0 and kind not in AXES):
            return "absent-value"
        return Measurement(kind, value.strip(), self._unit(kind, unit), code, system)

    def _unit(self, kind: str, unit: str) -> str:
        usual = UNITS.get(kind, "ms")
        unit = SPELLINGS.get(clean(unit), clean(unit))
        if unit == usual or (unit and kind not in AXES):
            return unit
        self.remark("assumed-unit", kind)
        return usual

    def state(self, kind: str, text: str) -> None:
        """Take a sentence of the device, word for word."""
        text = clean(text)[:LONGEST].strip()
        if text:
            self.count("statement")
            self.statements.append(Statement(kind, text))
