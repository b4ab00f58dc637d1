"""C-STORE of 512 kB CT slices from four associations, durable; Orthanc measured in the same run.

python -m bench.cstore

DCMTK's storescu sends, as it is. Both store the same slices anew in each round; Orthanc syncs its
files as it does unless told otherwise.
"""

import json
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from adapters.dicom.part10 import preamble
from adapters.dicom.syntax import EXPLICIT_LITTLE
from bench.running import Gateway, gateway, report
from fixtures.dicom.write import BASE, CT, encoded, text

FLOOR = 40.0
AIM = 80.0
ASSOCIATIONS = 4
SLICES = 50
ROUNDS = 3
SIDE = 512
ROOT = "2.25.77"
TITLE = "BENCH"
ORTHANC = shutil.which("Orthanc") or ""
STORESCU = Path(shutil.which("dcmdump") or "/usr/bin/dcmdump").with_name("storescu")


def slices(folder: Path, round_: int, number: int) -> Path:
    """Return a folder with the slices of one study."""
    path = folder / f"{round_}-{number}"
    path.mkdir()
    study = f"{ROOT}.{round_}.{number}"
    pixels = struct.pack(f"<{SIDE}H", *range(SIDE)) * SIDE
    for count in range(SLICES):
        told = {one[0]: one for one in BASE}
        for one in (
            text(0x00080018, "UI", f"{study}.1.{count}"),
            text(0x0020000D, "UI", study),
            text(0x0020000E, "UI", f"{study}.1"),
            text(0x00200013, "IS", str(count)),
            text(0x00280004, "CS", "MONOCHROME2"),
            *((tag, "US", struct.pack("<H", value)) for tag, value in SHAPE.items()),
            (0x7FE00010, "OW", pixels),
        ):
            told[one[0]] = one
        data_set = b"".join(encoded(*told[tag]) for tag in sorted(told))
        data = preamble(CT, f"{study}.1.{count}", EXPLICIT_LITTLE) + data_set
        (path / f"{count}.dcm").write_bytes(data)
    return path


SHAPE = {
    0x00280002: 1,
    0x00280010: SIDE,
    0x00280011: SIDE,
    0x00280100: 16,
    0x00280101: 16,
    0x00280102: 15,
    0x00280103: 0,
}


def send(port: int, folders: list[Path], called: str) -> float:
    """Return the megabytes a second that arrive, from the first start to the last end."""
    size = sum(path.stat().st_size for folder in folders for path in folder.iterdir())
    target = ("-aet", TITLE, "-aec", called, "127.0.0.1", str(port))
    start = time.perf_counter()
    running = [
        subprocess.Popen([STORESCU, "+sd", *target, folder])  # noqa: S603 - DCMTK's own tool
        for folder in folders
    ]
    codes = [one.wait() for one in running]
    assert not any(codes), "an object was refused"
    return size / (time.perf_counter() - start) / 1e6


@contextmanager
def orthanc(folder: Path) -> Iterator[int]:
    """Run Orthanc on a folder; yield its DICOM port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    told = {
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "DicomPort": port,
        "HttpServerEnabled": False,
        "DicomAlwaysAllowStore": True,
        "DicomCheckCalledAet": False,
        "SyncStorageArea": True,
        "Plugins": [],
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(told))
    process = subprocess.Popen(  # noqa: S603 - Debian's own program
        [ORTHANC, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def told_late(running: Gateway, round_: int) -> int:
    """Return how many objects the studies of a round lack a second after the last answer."""
    time.sleep(1.0)
    found = 0
    for number in range(ASSOCIATIONS):
        path = f"/fhir/ImagingStudy?identifier=urn:oid:{ROOT}.{round_}.{number}"
        bundle = json.loads(running.ask("GET", path, token=running.tokens["B"]))
        found += bundle["entry"][0]["resource"]["numberOfInstances"]
    return ASSOCIATIONS * SLICES - found


def main() -> None:
    """Print one line of JSON: megabytes a second, and what Orthanc does."""
    assert ORTHANC, "Orthanc is absent: apt-get install orthanc"
    folder = Path(tempfile.mkdtemp(prefix="hutong-bench-dicom"))
    own, other, late = [], [], 0
    try:
        with gateway() as running:
            running.add_campuses("B")
            running.command("campus", "set", "B", "--ae-title", TITLE)
            for round_ in range(ROUNDS):
                sent = [slices(folder, round_, number) for number in range(ASSOCIATIONS)]
                own.append(send(running.dicom_port, sent, "HUTONG"))
                late += told_late(running, round_)
                place = folder / f"orthanc{round_}"
                place.mkdir()
                with orthanc(place) as port:
                    other.append(send(port, sent, "ORTHANC"))
                for one in sent:
                    shutil.rmtree(one)
            running.command("verify")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(
        "cstore",
        median(own),
        median(other),
        floor=FLOOR,
        aim=AIM,
        unit="MB/s",
        told_late=late,
        rounds=[round(one, 1) for one in own],
        orthanc=[round(one, 1) for one in other],
    )


if __name__ == "__main__":
    main()
