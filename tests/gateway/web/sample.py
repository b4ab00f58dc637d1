# ruff: noqa: ARG002, E501 - the sample is a table: one line a fact, answers that are the same to all
"""A consortium small enough to know by heart: the data that the page tests look at.

Invented people; the citizen numbers belong to nobody (their district does not exist).
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from gateway.access.actor import Actor
from gateway.access.scopes import Scopes
from gateway.errors import NotFoundError, UnavailableError
from gateway.web.display.campus import code_of
from gateway.web.sources import (
    Campus,
    Found,
    Human,
    Measurement,
    ReportEntry,
    ReportsPage,
    WholeReport,
)
from tests.gateway.web.sample_ecgs import ecgs
from tests.gateway.web.sample_studies import facts_of, slice_of, studies

NOW = datetime(2026, 11, 22, 6, 45, tzinfo=ZoneInfo("Asia/Shanghai"))
LOINC = "http://loinc.org"
FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
PAGE = 50
TOKEN = "a-token-of-dongzhen"  # noqa: S105 - opens the sample alone
PERSON = "王秀英"

DONGZHEN = Campus("A", "东镇卫生院", "东镇", NOW - timedelta(minutes=14))
COUNTY = Campus("B", "县人民医院", "县医", NOW - timedelta(minutes=20))
XILING = Campus(
    "C", "西岭卫生院", "西岭", silent_since=NOW - timedelta(days=1, hours=8, minutes=31)
)
HONGQI = Campus("D", "红旗村卫生室", "红旗", NOW - timedelta(hours=3))
NANHE = Campus("E", "南河卫生院", "南河", NOW - timedelta(hours=1))
CAMPUSES = (DONGZHEN, COUNTY, XILING, HONGQI, NANHE)


def at(days, clock="06:12"):
    """Return the dateTime of that clock so many days ago."""
    return f"{(NOW - timedelta(days=days)).date()}T{clock}:00+08:00"


TODAY = at(0)


def meta(campus, version="1", updated=None, *tags):
    found = {
        "versionId": version,
        "lastUpdated": updated or at(0, "06:31"),
        "extension": [{"url": "urn:hutong:ext:campus", "valueCode": campus}],
    }
    return found | (
        {"tag": [{"system": "urn:hutong:cs:tag", "code": one} for one in tags]} if tags else {}
    )


def patient(id_, campus, number, name, *, born="1958-03-07", sex="male", citizen="", **more):
    identifiers = [{"system": f"urn:hutong:{campus}:pid", "value": number}]
    if citizen:
        identifiers.append({"system": "urn:oid:2.16.156.10011.1.3", "value": citizen})
    return {
        "resourceType": "Patient",
        "id": id_,
        "meta": meta(campus),
        "identifier": identifiers,
        "name": [{"text": name}],
        "gender": sex,
        "birthDate": born,
    } | more


def quantity(written, unit="", comparator=""):
    found = {"value": msgspec.Raw(written.encode())}
    found |= {"unit": unit} if unit else {}
    return found | ({"comparator": comparator} if comparator else {})


def observation(
    id_, campus, item, value, *, interval="", flag="", when=TODAY, status="final", **more
):
    """Return a result; `item` is (code, LOINC, name), `value` digits with unit, or a FHIR element."""
    code, loinc, name = item
    coding = [{"system": f"urn:hutong:{campus}:item", "code": code}]
    coding += [{"system": LOINC, "code": loinc}] if loinc else []
    found = {
        "resourceType": "Observation",
        "id": id_,
        "meta": meta(campus),
        "status": status,
        "code": {"coding": coding, "text": name},
        "effectiveDateTime": when,
        "specimen": {"reference": "Specimen/serum"},
        "performer": [{"reference": "Practitioner/li", "display": "李建国"}],
    }
    if isinstance(value, tuple):
        found["valueQuantity"] = quantity(*value)
    elif isinstance(value, dict):
        found |= value
    else:
        found["valueString"] = value
    if interval:
        low, dash, high = interval.partition("~")
        limits = {"low": quantity(low, value[1]), "high": quantity(high, value[1])} if dash else {}
        found["referenceRange"] = [limits | {"text": interval}]
    if flag:
        found["interpretation"] = [{"coding": [{"system": FLAGS, "code": flag}]}]
    return found | more


def report(id_, campus, title, whose, observations, *, status="final", when=TODAY, **more):
    found = {
        "resourceType": "DiagnosticReport",
        "id": id_,
        "meta": meta(campus, "2" if status == "corrected" else "1"),
        "status": status,
        "code": {"text": title},
        "subject": {"reference": f"Patient/{whose}"},
        "issued": at(0, "06:31"),
        "performer": [{"reference": f"Organization/{campus}-lab", "display": "检验科"}],
        "result": [{"reference": f"Observation/{one['id']}"} for one in observations],
    }
    return found | ({"effectiveDateTime": when} if when else {}) | more


K = ("K", "2823-3", "钾")
NA = ("NA", "2951-2", "钠")
CL = ("CL", "2075-0", "氯")
CREA = ("CREA", "14682-9", "肌酐")
TNI = ("TNI", "89579-7", "超敏肌钙蛋白I")
HBSAG = ("HBSAG", "5196-1", "乙肝表面抗原")
UREA = ("UREA", "22664-7", "尿素")
CA = ("CA", "2000-8", "钙")
P = ("P", "", "无机磷")
LACTATE = ("LAC", "", "乳酸")
SERUM = {"resourceType": "Specimen", "id": "serum", "type": {"text": "血清"},
         "collection": {"collectedDateTime": at(0)}, "receivedTime": at(0, "06:20")}  # fmt: skip
MMOL = "mmol/L"

ZHANG_A = patient("zhang-a", "A", "00183345", "张三", citizen="990101195803072318")
ZHANG_B = patient("zhang-b", "B", "B-7788", "张三", citizen="990101195803072318")
ZHANG_OTHER = patient(
    "zhang-2", "B", "B-9001", "张三", born="1961-07-19", citizen="990101196107190017"
)
ZHANG_THIRD = patient("zhang-3", "C", "77", "张三", born="1987")
LONG = patient(
    "long",
    "A",
    "L-1",
    "阿卜杜热合曼·买买提艾力·阿卜杜热西提·阿卜杜外力江",
    sex="male",
    born="1990-05-01",
)
RARE = patient("rare", "A", "R-1", "王\U00021334", sex="female", born="2023-07-22")
MARKUP = patient("markup", "A", "M-1", "<script>alert(1)</script><b>李四</b>", sex="female")
STAND_IN = patient("stand-in", "A", "S-1", "赵\ue123", sex="female", born="2026-10-25")
LOOKALIKE = patient("lookalike", "D", "D-1", "阿依\u30fb古丽", sex="female", born="1999-01-01")
MERGED = patient("merged", "A", "00099999", "张三", active=False)
MANY = patient("many", "B", "B-5000", "多报告", sex="female", born="1949-10-01")
EMPTY = patient("empty", "E", "E-1", "Smith, Anna", sex="female", born="2001-02-03")
HEART = patient("heart", "D", "H-1", "陈桂花", sex="female", born="1951-02-03")
PEOPLE = (
    Human((ZHANG_A, ZHANG_B, MERGED)),
    Human((ZHANG_OTHER,)),
    Human((ZHANG_THIRD,)),
    Human((LONG,)),
    Human((RARE,)),
    Human((MARKUP,)),
    Human((STAND_IN,)),
    Human((LOOKALIKE,)),
    Human((MANY,)),
    Human((EMPTY,)),
    Human((HEART,)),
)

ELECTROLYTES = (
    observation("k-now", "B", K, ("2.6", MMOL), interval="3.5~5.3", flag="LL", status="preliminary"),
    observation("na-now", "B", NA, ("132.0", MMOL), interval="137~147", flag="L", status="preliminary"),
    observation("cl-now", "B", CL, ("101", MMOL), interval="99~110", status="preliminary"),
    observation("ca-now", "B", CA, ("2.52", MMOL), interval="2.11~2.52", flag="N", status="preliminary"),
    observation("p-now", "B", P, ("1.71", MMOL), interval="0.85~1.51", status="preliminary"),
    observation("crea-now", "B", CREA, ("131", "μmol/L"), interval="57~97", flag="H", status="preliminary"),
    observation("urea-now", "B", UREA, ("9.50", MMOL), flag="H", status="preliminary"),
    observation("tni-now", "B", TNI, ("0.50", "ng/L", "<"), interval="0~34.2", status="preliminary"),
    observation("hbs-now", "B", HBSAG, {"valueCodeableConcept": {"text": "阳性(+)"}}, flag="POS", status="preliminary",
                note=[{"text": "已复查, 建议动态观察"}]),
    observation("lac-now", "B", LACTATE, {"dataAbsentReason": {"text": "标本溶血"}}, status="cancelled"),
)  # fmt: skip
BEFORE = (
    observation("k-1", "B", K, ("3.1", MMOL), interval="3.5~5.3", flag="L", when=at(1, "07:40")),
    observation("k-2", "A", K, ("3.40", MMOL), interval="3.50~5.50", flag="L", when=at(4, "08:05")),
    observation("k-3", "A", K, ("4.10", MMOL), interval="3.50~5.50", when=at(23, "09:10")),
    observation("k-4", "C", K, ("4.0", MMOL), interval="3.5~5.3", when=at(31, "10:00")),
    observation("k-5", "C", K, {"dataAbsentReason": {"text": "标本溶血"}}, when=at(40, "10:00"), status="cancelled"),
    observation("k-6", "B", K, ("3.9", MMOL), interval="3.5~5.3", when=at(45, "07:30")),
    observation("k-7", "A", K, ("6.2", MMOL), interval="3.50~5.50", flag="HH", when=at(52, "08:20")),
    observation("k-8", "A", K, ("5.7", MMOL), interval="3.50~5.50", flag="H", when=at(60, "08:20")),
    observation("na-1", "A", NA, ("138", MMOL), interval="136~146", when=at(4, "08:05")),
    observation("crea-1", "B", CREA, ("118", "umol/L"), interval="57~97", flag="H", when=at(1, "07:40")),
    observation("crea-2", "A", CREA, ("1.04", "mg/dL"), interval="0.64~1.10", when=at(23, "09:10")),
    observation("tni-1", "B", TNI, ("12.4", "ng/L"), interval="0~34.2", when=at(1, "07:40")),
    observation("tni-2", "B", TNI, ("9.80", "ng/L"), interval="0~34.2", when=at(9, "07:40")),
    observation("hbs-1", "A", HBSAG, "阴性", when=at(400)),
)  # fmt: skip
CORRECTED = (
    observation("glu", "A", ("GLU", "14749-6", "葡萄糖"), ("7.80", MMOL), interval="3.9~6.1", flag="H",
                status="corrected", when=at(1, "07:10"), meta=meta("A", "2", at(1, "10:22"))),
    observation("hba1c", "A", ("HBA1C", "4548-4", "糖化血红蛋白"), ("6.9", "%"), interval="4.0~6.0", flag="H", when=at(1, "07:10")),
)  # fmt: skip
OLD_GLUCOSE = observation(
    "glu", "A", ("GLU", "14749-6", "葡萄糖"), ("17.80", MMOL), interval="3.9~6.1"
)
LONG_LIST = tuple(
    observation(f"item-{n}", "A", (f"I{n}", "", f"过敏原特异性抗体 {n:03}"), (f"{n}.{n % 10}0", "kU/L"),
                interval="0~150", flag="H" if n > 150 else "")
    for n in range(1, 301)
)  # fmt: skip

ORDER = {
    "resourceType": "ServiceRequest",
    "id": "order",
    "meta": meta("A"),
    "requester": {"display": "王秀英"},
}
REPORTS = {
    one.report["id"]: one
    for one in (
        WholeReport(
            report("electrolytes", "B", "急诊电解质+肾功能", "zhang-b", ELECTROLYTES, status="preliminary"),
            ZHANG_B, tuple(Measurement(o, SERUM) for o in ELECTROLYTES), (ORDER,),
        ),
        WholeReport(
            report("glucose", "A", "血糖", "zhang-a", CORRECTED, status="corrected", when=at(1, "07:10"),
                   conclusion="空腹血糖升高, 建议复查。", resultsInterpreter=[{"display": "赵敏"}]),
            ZHANG_A, tuple(Measurement(o, SERUM) for o in CORRECTED), replaced={"glu": OLD_GLUCOSE},
        ),
        WholeReport(report("void", "C", "血常规", "zhang-a", (), status="cancelled", when=at(3)), ZHANG_A, ()),
        WholeReport(report("undated", "A", "尿常规", "zhang-a", (), when="", issued=""), ZHANG_A, ()),
        WholeReport(
            report("allergens", "A", "过敏原特异性IgE抗体全套检测", "long", LONG_LIST),
            LONG, tuple(Measurement(o) for o in LONG_LIST),
        ),
        WholeReport(
            report("child", "A", "血糖", "rare", CORRECTED[1:], when=at(300)),
            RARE, tuple(Measurement(o) for o in CORRECTED[1:]),
        ),
    )
}  # fmt: skip


ECGS = ecgs(HEART, meta, NOW)
REPORTS |= {
    id_: WholeReport(
        one.report,
        HEART,
        tuple(Measurement(each) for each in (*one.measurements, *one.statements, *one.waveforms)),
    )
    for id_, one in ECGS.items()
}


STUDIES = studies((ZHANG_A, ZHANG_B, LONG), meta, at)


class SampleResults:
    """The sample as the pages' data; `down` names the calls that fail."""

    def __init__(self, down=(), campuses=CAMPUSES):
        self.down = set(down)
        self.members = campuses
        self.asked = []

    async def campuses(self, actor):
        return self.members

    async def find_patients(self, actor, text):
        self._call("find_patients", text)
        return Found(tuple(human for human in PEOPLE if self._fits(human, text)))

    async def linked(self, actor, patient_id):
        self._call("linked", patient_id)
        for human in PEOPLE:
            ordered = sorted(human.patients, key=lambda one: one["id"] != patient_id)
            if ordered[0]["id"] == patient_id:
                return Human(tuple(ordered))
        raise NotFoundError("There is no such Patient.")

    async def reports(self, actor, patient_id, page, campus):
        self._call("reports", patient_id)
        if patient_id == "many":
            return self._many(int(page or 0))
        ids = [one["id"] for one in (await self.linked(actor, patient_id)).patients]
        found = [one for one in REPORTS.values() if one.subject["id"] in ids]
        found = [one for one in found if campus in {"", code_of(one.report)}]
        studies = [one.study for one in STUDIES.values() if one.subject["id"] in ids]
        studies = [one for one in studies if campus in {"", code_of(one)}]
        return ReportsPage(tuple(self._entry(one) for one in found), studies=tuple(studies))

    async def report(self, actor, report_id):
        self._call("report", report_id)
        if report_id not in REPORTS:
            raise NotFoundError("There is no such DiagnosticReport.")
        return REPORTS[report_id]

    async def ecg(self, actor, report_id):
        self._call("ecg", report_id)
        if report_id not in ECGS:
            raise NotFoundError("There is no such DiagnosticReport.")
        return ECGS[report_id]

    async def ecgs(self, actor, patient_id):
        self._call("ecgs", patient_id)
        return tuple(one.report for one in ECGS.values() if one.subject["id"] == patient_id)

    async def study(self, actor, uid):
        self._call("study", uid)
        if uid not in STUDIES:
            raise NotFoundError("There is no such study.")
        return STUDIES[uid]

    async def picture(self, actor, place, number, view):
        self._call("picture", (place, number, view))
        return slice_of(int(place[2].rpartition(".")[2]), view)

    async def facts(self, actor, place, number):
        self._call("facts", (place, number))
        return facts_of(place[1])

    async def history(self, actor, patient_id, codes):
        self._call("history", patient_id)
        if not patient_id.startswith("zhang-"):
            return ()
        return tuple(Measurement(one, SERUM) for one in (*ELECTROLYTES, *BEFORE))

    def _call(self, name, asked):
        self.asked.append((name, asked))
        if name in self.down:
            raise UnavailableError("The store is away.")

    @staticmethod
    def _fits(human, text):
        values = [each["value"] for one in human.patients for each in one["identifier"]]
        names = [one["name"][0]["text"] for one in human.patients]
        return text in values or any(text in one for one in names)

    @staticmethod
    def _entry(one):
        return ReportEntry(one.report, tuple(each.observation for each in one.measurements))

    @staticmethod
    def _many(start):
        total = 5000
        some = range(start, min(start + PAGE, total))
        made = [report(f"many-{n}", "B", f"血常规 {n}", "many", (), when=at(n // 3)) for n in some]
        older = str(start + PAGE) if start + PAGE < total else ""
        return ReportsPage(tuple(ReportEntry(one, ELECTROLYTES[:3]) for one in made), older)


class SampleSessions:
    """One token opens sessions; each lasts until it is signed out."""

    def __init__(self):
        self.open = {}

    async def sign_in(self, token, person):
        return self.enter(person) if token == TOKEN else None

    def enter(self, person):
        session = f"session-{len(self.open)}-of-many-random-characters"
        self.open[session] = Actor(1, 1, "A", Scopes.parse("system/*.rs"), person)
        return session

    async def session(self, session_id):
        return self.open.get(session_id)

    async def sign_out(self, session_id):
        self.open.pop(session_id, None)
