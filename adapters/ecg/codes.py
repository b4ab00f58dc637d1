"""Names and codes of leads and measurements as aECG, SCP-ECG, MDC and device makers write them.

ISO/IEEE 11073-10101 and -10102 (MDC), EN 1064 (SCPECG in DICOM PS3.16 CID 3001, 3226, 3229).
"""

from collections.abc import Mapping
from typing import Final

from adapters.ecg.records import STANDARD_LEADS

LEADS: Final = {name.upper(): name for name in STANDARD_LEADS}

SCPECG_LEADS: Final = {
    "1": "I", "2": "II", "3": "V1", "4": "V2", "5": "V3", "6": "V4", "7": "V5", "8": "V6",
    "61": "III", "62": "aVR", "63": "aVL", "64": "aVF",
}  # fmt: skip
"""`5.6.3-9-<n>`, and `2:<n>` in MDC: the numbers are the same."""

UNITS_UV: Final[Mapping[str, int | str]] = {
    "V": 1_000_000,
    "mV": 1000,
    "uV": 1,
    "µV": 1,
    "μV": 1,
    "nV": "0.001",
}
"""How many µV a unit is."""

KINDS: Final = (
    "heart-rate", "atrial-rate", "rr", "pp", "p", "pr", "qrs", "qt", "qtc",
    "p-axis", "qrs-axis", "t-axis", "rv5", "sv1", "rv5-sv1",
)  # fmt: skip

UNITS: Final = {
    "heart-rate": "/min", "atrial-rate": "/min", "p-axis": "deg", "qrs-axis": "deg",
    "t-axis": "deg", "rv5": "", "sv1": "", "rv5-sv1": "",
}  # fmt: skip
"""What a measurement without unit is in; ms for the others."""

SPELLINGS: Final = {
    "bpm": "/min", "BPM": "/min", "{H.B.}/min": "/min", "beats/min": "/min", "1/min": "/min",
    "msec": "ms", "degrees": "deg", "°": "deg", "µV": "uV", "μV": "uV",
}  # fmt: skip

AXES: Final = frozenset({"p-axis", "qrs-axis", "t-axis"})

MEASUREMENTS: Final = {
    "MDC_ECG_HEART_RATE": "heart-rate",
    "MDC_ECG_TIME_PD_RR": "rr",
    "MDC_ECG_TIME_PD_PP": "pp",
    "MDC_ECG_TIME_PD_P": "p",
    "MDC_ECG_TIME_PD_PR": "pr",
    "MDC_ECG_TIME_PD_QRS": "qrs",
    "MDC_ECG_TIME_PD_QT": "qt",
    "MDC_ECG_TIME_PD_QTC": "qtc",
    "MDC_ECG_TIME_PD_QTCB": "qtc",
    "MDC_ECG_TIME_PD_QTCF": "qtc",
    "MDC_ECG_TIME_PD_QTCH": "qtc",
    "MDC_ECG_ANGLE_P_FRONT": "p-axis",
    "MDC_ECG_ANGLE_QRS_FRONT": "qrs-axis",
    "MDC_ECG_ANGLE_T_FRONT": "t-axis",
    "MINDRAY_ECG_TIME_PD_QTCB": "qtc",
    "MINDRAY_ECG_TIME_PD_QTCF": "qtc",
    "MINDRAY_ECG_TIME_PD_QTCH": "qtc",
    "MINDRAY_ECG_P_AXIS": "p-axis",
    "MINDRAY_ECG_QRS_AXIS": "qrs-axis",
    "MINDRAY_ECG_T_AXIS": "t-axis",
    "MINDRAY_ECG_RV5": "rv5",
    "MINDRAY_ECG_SV1": "sv1",
    "MINDRAY_ECG_RV5_PLUS_SV1": "rv5-sv1",
    "5.10.2.5-1": "heart-rate",
    "5.10.2.1-3": "rr",
    "5.10.2.1-5": "pp",
    "5.13.5-7": "pr",
    "5.13.5-9": "qrs",
    "5.13.5-11": "qt",
    "5.10.2.5-5": "qtc",
    "5.10.3-11": "p-axis",
    "5.10.3-13": "qrs-axis",
    "5.10.3-15": "t-axis",
    "2:16016": "heart-rate",
    "2:16020": "atrial-rate",
    "2:16168": "rr",
    "2:15872": "pr",
    "2:16156": "qrs",
    "2:16160": "qt",
    "2:15876": "qtc",
    "2:16128": "p-axis",
    "2:16132": "qrs-axis",
    "2:16136": "t-axis",
    "8867-4": "heart-rate",
}
"""A code, in capitals, and what it measures."""

ABSENT: Final = frozenset({9999, 19999, 29999, 32767, -32768})
"""What devices write for "not measured"."""
NO_SAMPLE: Final = -32768
