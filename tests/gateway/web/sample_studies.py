"""The sample's studies: their series, and pictures that differ by slice and window."""

import io
from dataclasses import replace

from PIL import Image

from gateway.imaging.retrieve import Facts
from gateway.web.sources import Picture, Series, WholeStudy

SLICES = 64
STUDY = "2.25.64001"
RECEIVED = "2.25.65"


def slices(series, numbers, *, shown=True):
    return tuple(Picture(f"{series}.{n}", 1, str(n), shown) for n in numbers)


CHEST = (
    Series(f"{STUDY}.1", "1", "CT", "平扫", slices(f"{STUDY}.1", range(1, SLICES + 1))),
    Series(f"{STUDY}.2", "2", "CT", "骨窗", slices(f"{STUDY}.2", [1, 2, 4, 7])),
    Series(f"{STUDY}.3", "3", "CT", "压缩", slices(f"{STUDY}.3", [1], shown=False)),
    Series(f"{STUDY}.4", "4", "SR", "", (), 1),
)
LOSSY = f"{STUDY}.3"
ALONE = "2.25.67"
REGIONS = {"胸": "CHEST", "心": "HEART"}
ECHO = (Series(f"{ALONE}.1", "1", "US", "", slices(f"{ALONE}.1", [1])),)
PLAIN = (Series(f"{RECEIVED}.1", "1", "DX", "", slices(f"{RECEIVED}.1", [1])),)


def studies(people, meta, at):
    """Return the studies by UID: a whole one with its report and others to compare with, one that
    still comes and lost something, one that stands alone.
    """
    first, second, third = people
    chest = whole("ct", STUDY, ("胸部CT平扫", CHEST), first, meta("A"), at(0, "05:40"))
    plain = ("胸部正位", PLAIN)
    receiving = meta("B", "1", None, "receiving")
    echo = whole("us", ALONE, ("心脏超声", ECHO), third, meta("A"), at(3))
    before = whole("old", "2.25.66", ("胸部CT", ()), first, meta("B"), at(100, "05:40"), "CT")
    after = whole("dr", RECEIVED, plain, second, meta("B"), at(0, "06:00"))
    return {
        STUDY: replace(
            chest,
            reports=(report(meta("B"), at(0, "06:20")),),
            others=(chest.study, before.study, after.study, echo.study),
        ),
        RECEIVED: whole("dr", RECEIVED, plain, second, receiving, at(0, "05:40")),
        ALONE: echo,
    }


def report(meta, issued):
    """Return the report of the first."""
    return {
        "resourceType": "DiagnosticReport",
        "id": "chest",
        "meta": meta,
        "status": "final",
        "code": {"text": "胸部CT平扫"},
        "imagingStudy": [{"reference": "ImagingStudy/ct"}],
        "issued": issued,
        "conclusion": "右上肺结节, 6mm。\n建议复查。",
    }


def whole(id_, uid, done, whose, meta, started, *modalities):  # noqa: PLR0917 - one line a fact
    """Return a study; `done` is its description and its series."""
    description, series = done
    told = {
        "resourceType": "ImagingStudy",
        "id": id_,
        "meta": meta,
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
        "status": "available",
        "modality": [
            {"code": code} for code in sorted({*modalities, *(one.modality for one in series)})
        ],
        "series": [{"uid": uid, "bodySite": {"display": REGIONS[description[0]]}}],
        "subject": {"reference": f"Patient/{whose['id']}"},
        "started": started,
        "numberOfSeries": len(series),
        "numberOfInstances": sum(len(one.pictures) for one in series),
        "description": description,
    }
    return WholeStudy(told, whose, series)


def slice_of(number, view):
    """Return a picture that differs by slice and window."""
    side = view.columns or 256
    shift = number * 2 + int((view.center or 0) / 50)
    levels = [min(255, max(0, value + shift)) for value in range(256)]
    out = io.BytesIO()
    Image.radial_gradient("L").resize((side, side)).point(levels).save(out, "JPEG")
    return out.getvalue()


def facts_of(series):
    """Return what is known of a frame: slices can be measured, the plain image cannot."""
    if series.startswith(RECEIVED):
        return Facts((4096, 2048), None, False, True, 12.5)  # noqa: FBT003 - as the record has them
    return Facts((350, 50), (0.5, 0.8), False, series == LOSSY, None)  # noqa: FBT003 - same
