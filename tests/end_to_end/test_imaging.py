"""Images through the whole gateway: DCMTK in, FHIR and DICOMweb out, and nothing lost by a kill."""

import asyncio
import os
import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.dicom.write import text
from tests.end_to_end.test_kill import pid_of
from tests.gateway.imaging.archive import address
from tests.gateway.imaging.samples import STUDY, data_set, image
from tests.running import ANSWER_SECONDS, Gateway, entries, gateway
from tests.waiting import eventually, until

ROUNDS = 10
SENDERS = 3
ROLES = ("dicom-1", "store", "dicom-2", "worker", "api-1")
DICOM = {"Content-Type": "application/dicom"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("archive") / "data"
    with gateway(folder, HUTONG_API_PROCESSES="2") as running:
        running.campus("A")
        running.campus("B", "--ae-title", "CT1")
        yield running


async def storescu(archive: Gateway, path: Path, *options: str, title: str = "CT1") -> str:
    """What DCMTK says to sending a file or folder."""
    process = await asyncio.create_subprocess_exec(
        str(Path(shutil.which("dcmdump") or "").parent / "storescu"),
        *("-v", *options, "-aet", title, "-aec", "HUTONG", "127.0.0.1", str(archive.dicom_port)),
        str(path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode(errors="replace")


def study_of(archive: Gateway, campus: str, study: int, *, least: int) -> dict[str, Any]:
    """The study, once it tells of so many objects."""
    uid = f"urn:dicom:uid|urn:oid:{STUDY[:-1]}{study}"

    def told() -> dict[str, Any]:
        answer = archive.get(campus, "/fhir/ImagingStudy", identifier=uid)
        found = entries(answer, "ImagingStudy")
        assert len(found) <= 1
        return found[0] if found and found[0]["numberOfInstances"] >= least else {}

    return eventually(told)


@pytest.mark.needs("dcmtk")
def test_what_a_modality_sends_is_seen_by_another_campus(archive, tmp_path):
    for number in range(1, 9):
        (tmp_path / f"{number}.dcm").write_bytes(image(number, study=71))
    said = asyncio.run(storescu(archive, tmp_path, "+sd"))
    assert said.count("Received Store Response (Success)") == 8
    assert study_of(archive, "A", 71, least=8)["numberOfInstances"] == 8
    headers = {**archive.as_campus("A"), "Accept": "application/dicom"}
    for number in range(1, 9):
        data = image(number, study=71)
        url = f"{archive.url}/dicom-web{address(data)}"
        got = httpx.get(url, headers=headers, timeout=ANSWER_SECONDS)
        assert data_set(got.content) == data_set(data)


def test_what_comes_by_http_comes_out_byte_for_byte(archive):
    data = image(1, study=73)
    headers = archive.as_campus("B")
    url = f"{archive.url}/dicom-web/studies"
    answer = httpx.post(url, content=data, headers={**headers, **DICOM}, timeout=ANSWER_SECONDS)
    assert answer.status_code == 200
    headers = {**archive.as_campus("A"), "Accept": "application/dicom"}
    url = f"{archive.url}/dicom-web{address(data)}"
    got = httpx.get(url, headers=headers, timeout=ANSWER_SECONDS)
    assert got.content == data


@pytest.mark.needs("dcmtk")
def test_an_unknown_station_is_rejected_and_named_in_the_alerts(archive, tmp_path):
    (tmp_path / "1.dcm").write_bytes(image(1, study=72))
    said = asyncio.run(storescu(archive, tmp_path / "1.dcm", title="NOBODY"))
    assert "Calling AE Title Not Recognized" in said
    assert eventually(lambda: "unknown-station" in archive.command("alerts"))


def test_what_is_refused_waits_in_quarantine(archive):
    headers = {**archive.as_campus("B"), **DICOM}
    data = image(1, text(0x0020000E, "UI", "1.2.x"))
    url = f"{archive.url}/dicom-web/studies"
    answer = httpx.post(url, content=data, headers=headers, timeout=ANSWER_SECONDS)
    assert answer.status_code == 409
    assert "bad-uid" in archive.command("quarantine", "list")


class Load:
    """Sends objects by both ways without a pause; remembers which were acknowledged."""

    def __init__(self, archive: Gateway, folder: Path, study: int) -> None:
        self._archive = archive
        self._folder = folder
        self._study = study
        self._count = 0
        self._stop = asyncio.Event()
        self.taken: dict[str, bytes] = {}

    async def under_way(self) -> None:
        """Return once something was acknowledged."""
        await until(lambda: self.taken)

    async def run(self, kill: "asyncio.Task[None]") -> None:
        senders = [asyncio.create_task(self._by_association()) for _ in range(SENDERS)]
        senders.append(asyncio.create_task(self._by_http()))
        await kill
        self._stop.set()
        await asyncio.gather(*senders)

    def _next(self) -> bytes:
        self._count += 1
        return image(self._count, study=self._study)

    async def _by_association(self) -> None:
        while not self._stop.is_set():
            data = self._next()
            path = self._folder / f"{self._study}-{self._count}.dcm"
            path.write_bytes(data)
            if "Response (Success)" in await storescu(self._archive, path):
                self.taken[address(data)] = data

    async def _by_http(self) -> None:
        headers = {**self._archive.as_campus("B"), **DICOM}
        async with httpx.AsyncClient(base_url=self._archive.url, headers=headers) as client:
            while not self._stop.is_set():
                data = self._next()
                with suppress(httpx.TransportError):
                    answer = await client.post("/dicom-web/studies", content=data)
                    if answer.status_code == 200:
                        self.taken[address(data)] = data


@pytest.mark.needs("dcmtk")
def test_nothing_acknowledged_is_lost_by_a_kill(archive, tmp_path):
    dice = random.Random(20261122)  # noqa: S311 - the same moments every time
    loads = []
    for number in range(ROUNDS):
        load = Load(archive, tmp_path, 800 + number)
        pause = 0.2 + dice.random() * 0.5
        role = ROLES[number % len(ROLES)]

        async def kill(pause: float = pause, role: str = role, load: Load = load) -> None:
            await load.under_way()
            await asyncio.sleep(pause)
            os.kill(pid_of(archive, role), signal.SIGKILL)
            await asyncio.sleep(0.2)

        async def round_(load: Load = load) -> None:
            await load.run(asyncio.create_task(kill()))

        asyncio.run(round_())
        archive.wait_until_ready()
        loads.append(load)
    headers = {**archive.as_campus("A"), "Accept": "application/dicom"}
    with httpx.Client(
        base_url=f"{archive.url}/dicom-web", headers=headers, timeout=ANSWER_SECONDS
    ) as client:
        lost = [
            place
            for load in loads
            for place, data in load.taken.items()
            if (got := client.get(place)).status_code != httpx.codes.OK
            or data_set(got.content) != data_set(data)
        ]
    assert lost == []
    for number, load in enumerate(loads):
        study_of(archive, "A", 800 + number, least=len(load.taken))
    archive.command("verify")
