"""Result messages of 35 segments, 30 of them OBX, as a LIS writes them; invented people."""

PATIENTS = 400
ITEMS = (
    *("WBC", "RBC", "HGB", "HCT", "MCV", "MCH", "MCHC", "PLT", "NEUT", "LYMPH"),
    *("ALT", "AST", "TP", "ALB", "TBIL", "DBIL", "ALP", "GGT", "UREA", "CREA"),
    *("UA", "GLU", "TC", "TG", "HDL", "LDL", "NA", "K", "CL", "CA"),
)


def report_number(number: int) -> str:
    """Return the filler number of a message's report."""
    return f"R{number:08d}"


def oru(number: int) -> bytes:
    """Return a message; the number makes its report and one of the patients."""
    patient, report = f"P{number % PATIENTS:06d}", report_number(number)
    minute = f"20261122{number // 60 % 24:02d}{number % 60:02d}00"
    segments = [
        f"MSH|^~\\&|LIS|B|HUTONG|A|{minute}||ORU^R01|M{number:08d}|P|2.4|||||CHN|UNICODE UTF-8",
        f"PID|1||{patient}^^^B^MR||张{number % PATIENTS}||1990{number % 12 + 1:02d}07|M|||人民路",
        "PV1|1|O|门诊^^^B||||D01^李医生",
        f"ORC|RE||{report}|||||||||D01^李医生",
        f"OBR|1||{report}^B|BIO^生化全套^L|||{minute}|||||||{minute}|BLD|D01||||||{minute}||LAB|F",
    ]
    for at, item in enumerate(ITEMS, 1):
        value = (number * 7 + at * 13) % 900 / 10
        segments.append(
            f"OBX|{at}|NM|{item}^项目{at}^L||{value}|g/L^^UCUM|10-60|N|||F|||{minute}||U02^王检验"
        )
    return "\r".join(segments).encode() + b"\r"
