# ruff: noqa: ARG002 - answers that are the same to all
"""The critical values of the sample: one overdue, one of an ECG, one of another campus, closed."""

from datetime import timedelta

from gateway.errors import NotFoundError
from gateway.web.acts import Alarm, RefusedError
from gateway.web.display.critical import seen
from gateway.web.sources import Human
from gateway.workflow.critical.judge import Judgement
from gateway.workflow.critical.task import (
    Attempt,
    Item,
    Parties,
    answered,
    appended,
    attempted,
    opened,
    unacknowledged,
)
from tests.gateway.web.sample import (
    BEFORE,
    ELECTROLYTES,
    HEART,
    LONG,
    MMOL,
    NOW,
    ZHANG_A,
    ZHANG_B,
    observation,
    report,
)

MICRO = 1_000_000
GLU = ("GLU", "14749-6", "葡萄糖")
ECG = {
    **report("afib", "D", "心电图", "heart", (), status="preliminary"),
    "conclusionCode": [{"text": "室性心动过速"}],
}
GLUCOSE = observation("glu-low", "B", GLU, ("1.9", MMOL), interval="3.9~6.1", flag="LL")
SODIUM = observation("na-low", "A", ("NA", "2951-2", "钠"), ("<112", MMOL), interval="137~147")


def ago(minutes):
    return int((NOW - timedelta(minutes=minutes)).timestamp() * MICRO)


def item(resource, said, judgement, kind="value"):
    name = f"{resource['resourceType']}/{resource['id']}/_history/1"
    return Item(kind, name, said, judgement)


def made(id_, found, patient, owner, minutes):
    """Return a Task opened so many minutes ago, with ten minutes to answer."""
    parties = Parties("B", owner, (owner, "B"))
    task = opened(id_, found, patient, parties, ago(minutes))
    task = unacknowledged(task, ago(minutes), ago(minutes - 10))
    told = Attempt("notify", to="doctor", text="-")
    return attempted(task, told, ago(minutes - 2))


LOW_K = Judgement("critical", "flag", "potassium", "", "钾", direction="low")
LOW_GLU = Judgement("critical", "county/1/7", "glucose", "county", "葡萄糖", direction="low")
LOW_NA = Judgement("critical", "A/2/3", "sodium", "A", "钠", direction="low", caution="haemolysed")
SLOW = Judgement("critical", "county/1/36", "heart-rate", "county", "心率", "ecg", direction="low")
ECG_VALUES = {
    "resourceType": "Observation",
    "id": "ecg-values",
    "meta": ECG["meta"],
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "11524-6"}]},
    "effectivePeriod": {"start": "2026-11-22T06:20:00+08:00"},
    "component": [{"code": {"text": "心率"}, "valueQuantity": {"value": 31, "unit": "/min"}}],
}
VT = Judgement("critical", "county/1/40", "vt", "county", "室性心动过速", "ecg")

POTASSIUM = attempted(
    made("potassium", item(ELECTROLYTES[0], "2.6 mmol/L", LOW_K), "zhang-b", "A", 14),
    Attempt("escalate", 1, "ward"),
    ago(3),
)
RHYTHM = made("rhythm", item(ECG, "室性心动过速", VT), "heart", "A", 4)
ELSEWHERE = made("elsewhere", item(GLUCOSE, "1.9 mmol/L", LOW_GLU), "zhang-b", "B", 6)
TWICE = appended(
    made("twice", item(BEFORE[6], "6.2 mmol/L", LOW_K), "long", "A", 9),
    item(SODIUM, "<112 mmol/L", LOW_NA),
    ago(5),
)
CLOSED = answered(
    made("closed", item(GLUCOSE, "1.9 mmol/L", LOW_GLU), "zhang-a", "A", 300),
    [("read-back", "1.9"), ("actor", "李建国"), ("disposition", "静推葡萄糖")],
    "closed",
    ago(290),
)
PULSE = made("pulse", item(ECG_VALUES, "31 /min", SLOW), "heart", "D", 2)
ZHANG = Human((ZHANG_A, ZHANG_B))
ALARMS = (
    Alarm(POTASSIUM, ELECTROLYTES[:1], ZHANG, "electrolytes"),
    Alarm(TWICE, (BEFORE[6], SODIUM), Human((LONG,))),
    Alarm(ELSEWHERE, (GLUCOSE,), ZHANG),
    Alarm(RHYTHM, (ECG,), Human((HEART,)), "afib"),
    Alarm(PULSE, (ECG_VALUES,), Human((HEART,)), "afib"),
    Alarm(CLOSED, (GLUCOSE,), ZHANG),
)


class SampleCriticals:
    """Critical values that remember their answers; `down` stands for a store that is away."""

    def __init__(self):
        self.alarms = {one.task["id"]: one for one in ALARMS}
        self.said = []
        self.calls = []

    async def waiting(self, actor):
        return tuple(id_ for id_, one in self._open() if id_ not in {"elsewhere", "pulse"})

    async def open(self, actor, patient_id=""):
        found = [one for _, one in self._open()]
        if not patient_id:
            return tuple(found)
        return tuple(
            one for one in found if patient_id in {each["id"] for each in one.human.patients}
        )

    async def one(self, actor, task_id):
        if task_id not in self.alarms:
            raise NotFoundError("There is no such Task.")
        return self.alarms[task_id]

    async def acknowledge(self, actor, task_id, said):
        alarm = await self.one(actor, task_id)
        if said.key and any(said.key == one.key for one in self.said):
            return
        if alarm.task["status"] == "completed":
            raise RefusedError("first")
        if said.seen != seen(alarm.task):
            raise RefusedError("newer")
        if task_id == "elsewhere":
            raise RefusedError("elsewhere")
        if task_id == "potassium" and said.value != "2.6":
            raise RefusedError("wrong")
        self.said.append(said)
        outputs = [("read-back", said.value), ("actor", actor.person)]
        outputs += [("disposition", said.comment)]
        self._put(alarm, answered(alarm.task, outputs, "closed", ago(0)))

    async def called(self, actor, task_id, whom, key):
        alarm = await self.one(actor, task_id)
        if key in self.calls:
            return
        self.calls.append(key)
        call = Attempt("call", to=actor.code, person=actor.person, text=whom)
        self._put(alarm, attempted(alarm.task, call, ago(0)))

    def _open(self):
        return [(id_, one) for id_, one in self.alarms.items() if one.task["status"] == "requested"]

    def _put(self, alarm, task):
        self.alarms[task["id"]] = Alarm(task, alarm.results, alarm.human, alarm.report)
