"""Results, orders, images and ECGs at the same time while processes are killed: nothing is lost."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from fixtures.ecg.aecg import Recorded, aecg
from fixtures.ecg.heart import record
from tests.end_to_end import test_imaging, test_kill
from tests.end_to_end.test_kill import missing, pid_of, wait_until_empty
from tests.gateway.imaging.samples import data_set
from tests.running import ANSWER_SECONDS, Gateway, entries, gateway
from tests.waiting import until

ROLES = ("store", "dicom-1", "worker", "api-1", "store", "mllp")
AT = datetime(2026, 11, 22, 8, 30, 15)  # noqa: DTZ001 - a cart writes its wall clock


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("mixed") / "data"
    with gateway(folder, HUTONG_API_PROCESSES="2") as running:
        running.campus("A")
        running.campus("B", "--sender", "B", "--ae-title", "CT1")
        yield running


async def trace(victim: Gateway, mark: str, kill: "asyncio.Task[None]", taken: list[str]) -> None:
    """Send ECGs until the kill is over; `taken` are patients whose ECG was acknowledged."""
    headers = {"Authorization": f"Bearer {victim.tokens['B']}"}
    async with httpx.AsyncClient(base_url=victim.url, headers=headers) as client:
        while not kill.done():
            number = f"{mark}-{len(taken)}"
            heart = record("sinus", hash_of(number))
            body = aecg(Recorded(heart, AT, number, "陈桂花", "F", "19510203")).encode()
            with suppress(httpx.TransportError):
                if (await client.post("/ingest/ecg", content=body)).is_success:
                    taken.append(number)
            await asyncio.sleep(0.02)


def hash_of(number: str) -> int:
    return int.from_bytes(number.encode(), "big")


@pytest.mark.needs("dcmtk")
def test_nothing_acknowledged_is_lost_when_all_kinds_come_at_once(
    victim: Gateway, tmp_path: Path
) -> None:
    dice = random.Random(20261123)  # noqa: S311 - the same moments every time
    results, images, ecgs = [], [], list[str]()
    for number, role in enumerate(ROLES):
        pause = 0.3 + dice.random() * 0.5
        result = test_kill.Load(victim, f"m{number}")
        imaged = test_imaging.Load(victim, tmp_path, 900 + number)

        async def round_(
            pause: float = pause,
            role: str = role,
            result: test_kill.Load = result,
            imaged: test_imaging.Load = imaged,
            mark: str = f"ecg{number}",
        ) -> list[str]:
            traced: list[str] = []

            async def kill() -> None:
                await until(lambda: result.reports and result.orders and imaged.taken and traced)
                await asyncio.sleep(pause)
                os.kill(pid_of(victim, role), signal.SIGKILL)
                await asyncio.sleep(0.2)

            killing = asyncio.create_task(kill())
            await asyncio.gather(
                result.run(killing), imaged.run(killing), trace(victim, mark, killing, traced)
            )
            return traced

        ecgs += asyncio.run(round_())
        victim.wait_until_ready()
        results.append(result)
        images.append(imaged)
    reports = [one for load in results for one in load.reports]
    orders = [one for load in results for one in load.orders]
    taken = {place: data for load in images for place, data in load.taken.items()}
    wait_until_empty(victim)
    assert missing(victim, "DiagnosticReport", "report", reports) == []
    assert missing(victim, "ServiceRequest", "placer", orders) == []
    assert [one for one in ecgs if not has_ecg(victim, one)] == []
    assert lost(victim, taken) == []
    for number, load in enumerate(images):
        test_imaging.study_of(victim, "A", 900 + number, least=len(load.taken))
    victim.command("verify")


def has_ecg(victim: Gateway, number: str) -> bool:
    query = {"patient.identifier": f"urn:hutong:B:pid|{number}"}
    return len(entries(victim.get("A", "/fhir/DiagnosticReport", **query), "DiagnosticReport")) == 1


def lost(victim: Gateway, taken: Mapping[str, bytes]) -> list[str]:
    """Return the objects that do not come back as they were sent."""
    headers = {**victim.as_campus("A"), "Accept": "application/dicom"}
    with httpx.Client(
        base_url=f"{victim.url}/dicom-web", headers=headers, timeout=ANSWER_SECONDS
    ) as client:
        return [
            place
            for place, sent in taken.items()
            if (got := client.get(place)).status_code != httpx.codes.OK
            or data_set(got.content) != data_set(sent)
        ]
