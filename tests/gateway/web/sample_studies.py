"""The sample's studies: their series, and pictures that differ by slice and window."""

import io

from PIL import Image

from gateway.web.sources import Picture, Series, WholeStudy

SLICES = 64
STUDY = "2.25.64001"
RECEIVED = "2.25.65"


def slices(series, numbers, *, native=True):
    return tuple(Picture(f"{series}.{n}", 1, str(n), native) for n in numbers)


CHEST = (
    Series(f"{STUDY}.1", "1", "CT", "平扫", slices(f"{STUDY}.1", range(1, SLICES + 1))),
    Series(f"{STUDY}.2", "2", "CT", "骨窗", slices(f"{STUDY}.2", [1, 2, 4, 7])),
    Series(f"{STUDY}.3", "3", "CT", "压缩", slices(f"{STUDY}.3", [1], native=False)),
    Series(f"{STUDY}.4", "4", "SR", "", (), 1),
)
PLAIN = (Series(f"{RECEIVED}.1", "1", "DX", "", slices(f"{RECEIVED}.1", [1])),)


def studies(people, meta, started):
    """Return the studies by UID: a whole one of the first, one that still comes of the second."""
    first, second = people
    chest = whole("ct", STUDY, ("胸部CT平扫", CHEST), first, meta("A"), started)
    plain = ("胸部正位", PLAIN)
    receiving = meta("B", "1", None, "receiving")
    return {
        STUDY: chest,
        RECEIVED: whole("dr", RECEIVED, plain, second, receiving, started),
    }


def whole(id_, uid, done, whose, meta, started):  # noqa: PLR0917 - one line a fact
    """Return a study; `done` is its description and its series."""
    description, series = done
    told = {
        "resourceType": "ImagingStudy",
        "id": id_,
        "meta": meta,
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
        "status": "available",
        "modality": [{"code": code} for code in sorted({one.modality for one in series})],
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
