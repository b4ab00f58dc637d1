"""Whether the limb leads of an ECG agree: Einthoven 1912 and Goldberger 1942, sample by sample.

Genuine recordings stay within 2 LSB whoever made the device; swapped, mis-scaled or shifted leads
and calibration pulses do not. Nothing is corrected.
"""

from collections.abc import Sequence

from adapters.ecg import Lead, Series

LIMBS = ("I", "II", "III", "aVR", "aVL", "aVF")
TOLERANCE = 3
"""LSB of the coarsest lead."""


def agree(series: Series) -> bool:
    """Return whether the limb leads agree; True where some of them are missing."""
    leads = {lead.name: lead for lead in series.leads if lead.name in LIMBS}
    if len(leads) < len(LIMBS):
        return True
    limit = TOLERANCE * max(abs(float(lead.scale)) for lead in leads.values()) + 1e-6
    rows = zip(*(_microvolts(leads[name]) for name in LIMBS), strict=False)
    return all(_residual(row) <= limit for row in rows if None not in row)


def _microvolts(lead: Lead) -> list[float | None]:
    scale, origin = float(lead.scale), float(lead.origin)
    return [None if one is None else one * scale + origin for one in lead.samples]


def _residual(row: Sequence[float | None]) -> float:
    i, ii, iii, avr, avl, avf = (one or 0.0 for one in row)
    return max(
        abs(iii - (ii - i)),
        abs(avr + (i + ii) / 2),
        abs(avl - (i - ii / 2)),
        abs(avf - (ii - i / 2)),
    )
