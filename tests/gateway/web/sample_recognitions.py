# ruff: noqa: ARG002, E501 - answers that are the same to all, a table of decisions
"""What recognition says of the sample: of each outcome one, and answers that are remembered."""

from datetime import timedelta

from gateway.errors import NotFoundError
from gateway.recognition.catalogue.model import Code
from gateway.recognition.catalogue.starter import starter
from gateway.recognition.decide.words import reason
from gateway.recognition.ledger.states import State
from gateway.recognition.model import Asked, Decision, Result, Verdict
from gateway.web.acts import Checked, Hint, StaleError, Standing, Standings
from gateway.web.display.recognition import name_of
from tests.gateway.web.sample import NOW, at

DAY = 24 * 3600


def us(days, seconds=0):
    return int((NOW + timedelta(days=days, seconds=seconds)).timestamp() * 1_000_000)


ITEMS = {one.code: one for one in starter().items}
PASSED = tuple(
    Verdict(rule, "pass", evidence)
    for rule, evidence in {
        "ID": ("linked",),
        "STATUS": ("status: final",),
        "TIME": ("collection: 2026-11-22T06:12:00+08:00", "window: 1 d"),
        "SCOPE": ("mark: 本省HR",),
        "QC": ("evidence: 本省HR 3",),
        "COMP": ("unit: mmol/L",),
        "DATA": ("value",),
        "NEG": ("not-listed",),
        "ACC": ("entitled",),
        "CRIT": ("not-critical",),
    }.items()
)
UNVERIFIED = tuple(
    Verdict("SCOPE", "unknown", ("claimed: 全国HR",)) if one.id == "SCOPE" else one
    for one in PASSED
)
EXPIRED = tuple(
    Verdict("TIME", "fail", ("collection: 2026-10-02T08:10:00+08:00", "window: 7 d"))
    if one.id == "TIME"
    else one
    for one in PASSED
)


def result(reference, title, *values, days=0, code="B", mark="本省HR"):
    return Result(
        reference=f"{reference}/_history/1",
        campus=2,
        code=code,
        title=title,
        anchor=us(-days),
        anchor_kind="collection",
        mark=mark,
        values=values,
    )


def decision(id_, item, outcome, why, **more):
    known = ITEMS.get(item)
    return Decision(
        id=id_,
        asked=Asked(ref=item, text=known.name if known else item),
        outcome=outcome,
        reason=reason(why),
        item=item if known else "",
        item_name=known.name if known else "",
        **more,
    )


OLD = result("DiagnosticReport/void", "血常规", days=51, code="C", mark="")
DECISIONS = {
    one.item: one
    for one in (
        decision(
            "d-renal", "PANEL.RFT", "may-recognise", "consortium",
            result=result("DiagnosticReport/electrolytes", "急诊电解质+肾功能",
                          ("肌酐", "131", "μmol/L"), ("尿素", "9.50", "mmol/L")),
            valid_until=us(14), rules=UNVERIFIED, residual=(Code("", "UA"), Code("", "CYSC")),
            residual_names=("尿酸", "胱抑素C"), others=((OLD, EXPIRED),),
        ),
        decision(
            "d-glucose", "LAB.GLU", "shall-recognise", "all-rules-passed",
            result=result("DiagnosticReport/glucose", "血糖", ("葡萄糖", "7.80", "mmol/L"), days=1),
            valid_until=us(0, 3 * 3600), rules=PASSED,
        ),
        decision(
            "d-cbc", "PANEL.CBC", "reference-only", "expired", result=OLD, rules=EXPIRED,
        ),
        decision(
            "d-potassium", "LAB.K", "context-critical", "critical-open",
            result=result("DiagnosticReport/electrolytes", "急诊电解质+肾功能", ("钾", "2.6", "mmol/L")),
            valid_until=us(1), rules=PASSED,
        ),
        decision(
            "d-chest", "CT.CHEST.PLAIN", "reread", "no-final-report",
            result=result("ImagingStudy/chest", "胸部CT平扫", mark=""), valid_until=us(30), rules=PASSED,
        ),
        decision("d-ecg", "ECG.12", "not-eligible", "no-result"),
    )
}  # fmt: skip
STANDS = {
    "DiagnosticReport/electrolytes": Standing(
        DECISIONS["PANEL.RFT"], is_chosen=True, mark="", rules=UNVERIFIED
    ),
    "Observation/k-now": Standing(DECISIONS["LAB.K"], is_chosen=True, mark="本省HR", rules=PASSED),
    "Observation/crea-now": Standing(
        DECISIONS["LAB.GLU"], is_chosen=True, mark="本省HR", rules=PASSED
    ),
    "Observation/na-now": Standing(DECISIONS["PANEL.CBC"], is_chosen=False, rules=EXPIRED),
    "DiagnosticReport/glucose": Standing(
        DECISIONS["LAB.GLU"], is_chosen=True, mark="全国HR", rules=PASSED
    ),
    "DiagnosticReport/void": Standing(DECISIONS["PANEL.CBC"], is_chosen=True, rules=EXPIRED),
}
DRAFT = {
    "resourceType": "ServiceRequest",
    "id": "draft-1",
    "status": "draft",
    "authoredOn": at(0, "06:30"),
    "code": {"text": "胸部CT平扫"},
}


class SampleRecognitions:
    """Decisions by the item asked for; `stale` are those that hold no more."""

    def __init__(self):
        self.identified = True
        self.recorded = []
        self.said = []
        self.stale = {}
        self.asked = 0

    async def standings(self, actor, patient_id, results):
        self.asked += 1
        found = {name: STANDS[name] for one in results if (name := name_of(one)) in STANDS}
        return Standings(self.identified, found)

    async def items(self, actor, text):
        return tuple(one for one in ITEMS.values() if text in one.name)[:50]

    async def named(self, actor, codes):
        return tuple(ITEMS[one] for one in dict.fromkeys(codes) if one in ITEMS)

    async def drafts(self, actor, patient_id):
        return (DRAFT,) if patient_id.startswith("zhang") else ()

    async def check(self, actor, patient_id, wanted, *, record):
        if record:
            self.recorded.append(wanted)
        items = [*wanted.items, *("CT.CHEST.PLAIN" for _ in wanted.drafts)]
        unknown = decision("d-none", "unknown", "not-eligible", "no-result")
        found = (DECISIONS.get(one, unknown) for one in items)
        hints = tuple(self._hint(one) for one in found) if self.identified else ()
        return Checked(self.identified, hints)

    async def hint(self, actor, decision_id):
        for one in DECISIONS.values():
            if one.id == decision_id:
                return self._hint(one)
        raise NotFoundError("There is no such decision.")

    async def answer(self, actor, decision_id, said):
        if decision_id in self.stale:
            raise StaleError(self.stale[decision_id])
        self.said.append((decision_id, said))

    async def path_of(self, actor, reference):
        return f"/reports/{reference.split('/')[1]}"

    def _hint(self, one):
        item = ITEMS.get(one.item)
        said = [each for id_, each in self.said if id_ == one.id and each.outcome != "viewed"]
        known = (item.category, item.name_en) if item else ("", "")
        if not said:
            return Hint(one, *known)
        last = said[-1]
        state = State(choice=last.outcome)
        return Hint(one, *known, state, "王秀英", us(0), last.reason)
