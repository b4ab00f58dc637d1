# ruff: noqa: ARG002 - answers that are the same to all
"""The rates of the sample: one campus that recognises much, one little, one nothing at all."""

from gateway.recognition.statistics.figures import Basis, Figures
from gateway.recognition.statistics.report import SOURCE, Group, Report
from gateway.workflow.critical.figures import One, summed

COUNTED = {
    "B": {"reminded": 1200, "viewed": 800, "recognised": 300, "not-recognised": 100, "quoted": 20},
    "C": {"reminded": 514, "viewed": 0, "recognised": 12, "unanswered": 400},
    "D": {},
}
NAMES = {"B": "县人民医院", "C": "西岭卫生院", "D": "=HYPERLINK(1)"}
SAVED = 3_456_00
VALUES = (
    One(2, False, False, False, False, 45.0),  # noqa: FBT003 - as they stand in the table
    One(2, False, False, True, False, 1230.0),  # noqa: FBT003
    One(2, True, True, False, True, None),  # noqa: FBT003
)


def figured(counts, saved=0):
    made = Figures()
    for kind, count in counts.items():
        made.add(kind, "", count, 0)
    made.saved = saved
    return made


class SampleRates:
    """What is told of every period; `asked` are the queries."""

    def __init__(self):
        self.asked = []
        self.counted = COUNTED

    async def recognition(self, actor, query):
        self.asked.append(query)
        total = figured({}, SAVED if self.counted else 0)
        for counts in self.counted.values():
            for kind, count in counts.items():
                total.add(kind, "", count, 0)
        groups = tuple(
            Group((code,), (NAMES[code],), figured(counts, SAVED if code == "B" else 0))
            for code, counts in self.counted.items()
        )
        basis = None if query.side == SOURCE else Basis(280, 2000, 0)
        return Report(query, actor.campus, total, basis, groups)

    async def critical(self, actor, period):
        return (summed("", VALUES), summed("B", VALUES), summed("D", ()))
