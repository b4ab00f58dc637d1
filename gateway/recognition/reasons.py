"""Why a physician did not recognise a result: the dictionary that every door offers.

01 to 99 are the codes and words of a provincial platform, the rest are of this consortium. 98 and
99 do not count as refusals: there a result was not there to be recognised, or one in a row of
measurements was due. 《医疗机构检查检验结果互认管理办法》: the physician's judgement decides, and
a repetition is explained to the patient.
"""

from dataclasses import dataclass
from typing import Any, Final

from mappers.names import NON_RECOGNITION_REASON

VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class NonRecognition:
    """One reason. `applies_to` are categories of the catalogue, none where it fits all."""

    code: str
    display: str
    english: str
    counts_as_refusal: bool = True
    requires_text: bool = False
    applies_to: tuple[str, ...] = ()

    def named(self, language: str) -> str:
        """Return its words in a language, "zh" unless "en" is asked for."""
        return self.english if language.startswith("en") else self.display

    def fits(self, category: str) -> bool:
        """Return whether it may be given for an item of a category; "" is not known."""
        return not self.applies_to or not category or category in self.applies_to


LAB: Final = ("lab", "pathology")
SEEN: Final = ("imaging", "ecg", "function")

REASONS: Final = {
    one.code: one
    for one in (
        NonRecognition(
            "01",
            "因病情变化，结果与临床表现、诊断不符，难以满足诊疗需求",
            "The condition has changed; the result does not fit the findings or the diagnosis",
        ),
        NonRecognition(
            "02",
            "结果在疾病发展演变过程中变化较快",
            "The result changes fast in the course of the disease",
        ),
        NonRecognition(
            "03",
            "对疾病诊疗意义重大（如手术、输血等重大医疗措施前）",
            "Of great weight for treatment, such as before surgery or transfusion",
        ),
        NonRecognition(
            "04",
            "急诊、急救、重型、危重型等紧急状态",
            "Emergency, rescue, severe or critical condition",
        ),
        NonRecognition(
            "05",
            "涉及司法、伤残、病退、劳动仲裁等鉴定",
            "Expert opinion for court, disability, early retirement or labour arbitration",
        ),
        NonRecognition(
            "06",
            "国家规定需要相应资质的检测机构的项目",
            "An item that the state reserves to qualified laboratories",
        ),
        NonRecognition(
            "07",
            "诊治医师认为有必要再次检查",
            "The treating physician holds another examination necessary",
        ),
        NonRecognition(
            "08",
            "其他情形确需复查",
            "Other circumstances that require a repetition",
            requires_text=True,
        ),
        NonRecognition(
            "98",
            "未收到/患者未能提供外院影像资料，无法诊断",
            "Images of the other hospital were not received or brought: no diagnosis possible",
            counts_as_refusal=False,
            applies_to=SEEN,
        ),
        NonRecognition(
            "99",
            "诊断或病情监测需要连续性检查",
            "Diagnosis or monitoring requires a series of examinations",
            counts_as_refusal=False,
        ),
        NonRecognition(
            "image-quality",
            "图像质量不满足诊断要求",
            "The image quality does not suffice for a diagnosis",
            applies_to=SEEN,
        ),
        NonRecognition(
            "not-comparable",
            "方法或单位不可比",
            "Method or unit is not comparable",
            applies_to=LAB,
        ),
        NonRecognition(
            "identity-doubt",
            "身份存疑，不能确定为同一患者",
            "It is doubtful whether the result is this patient's",
        ),
        NonRecognition(
            "specimen-unfit",
            "标本不合格",
            "The specimen was not fit for use",
            applies_to=LAB,
        ),
        NonRecognition(
            "patient-request",
            "患者要求",
            "The patient asks for it (for statistics only)",
        ),
    )
}
"""By code, in the order in which they are offered."""

UNCOUNTED: Final = tuple(one.code for one in REASONS.values() if not one.counts_as_refusal)
"""The codes that are no refusals."""


def offered(category: str = "") -> list[NonRecognition]:
    """Return the reasons that may be given for an item of a category, all without one."""
    return [one for one in REASONS.values() if one.fits(category)]


def code_system() -> dict[str, Any]:
    """Return the dictionary as a CodeSystem (https://hl7.org/fhir/R4/codesystem.html)."""
    return {
        "resourceType": "CodeSystem",
        "url": NON_RECOGNITION_REASON,
        "version": VERSION,
        "name": "NonRecognitionReason",
        "title": "不互认原因",
        "status": "active",
        "caseSensitive": True,
        "content": "complete",
        "property": [
            {"code": "countsAsRefusal", "type": "boolean"},
            {"code": "requiresText", "type": "boolean"},
            {"code": "appliesTo", "type": "string"},
        ],
        "concept": [_concept(one) for one in REASONS.values()],
    }


def _concept(one: NonRecognition) -> dict[str, Any]:
    return {
        "code": one.code,
        "display": one.display,
        "designation": [{"language": "en", "value": one.english}],
        "property": [
            {"code": "countsAsRefusal", "valueBoolean": one.counts_as_refusal},
            {"code": "requiresText", "valueBoolean": one.requires_text},
            *({"code": "appliesTo", "valueString": category} for category in one.applies_to),
        ],
    }
