"""A limit over the processes of one gateway, where no Redis is."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx

from tests.running import ANSWER_SECONDS, gateway
from tests.waiting import until

MOST = 20
SLOW = 5
"""One comes back every three seconds while the machine is busy with the others."""


async def test_all_processes_of_a_gateway_share_a_limit(tmp_path: Path) -> None:
    with gateway(tmp_path / "data", HUTONG_API_PROCESSES="2") as running:
        running.campus("A", "--rate", f"{MOST}/m")
        running.campus("B")

        async def one(campus: str) -> int:
            # Each has a connection of its own, so that both processes are reached.
            async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
                headers = running.as_campus(campus)
                asked = await client.get(f"{running.url}/fhir/Patient", headers=headers)
                return asked.status_code

        async def statuses(campus: str, count: int) -> Counter[int]:
            return Counter(await asyncio.gather(*(one(campus) for _ in range(count))))

        async def is_known() -> bool:
            return await statuses("B", 20) == {200: 20}

        await until(is_known)
        found = await statuses("A", 3 * MOST)
        assert MOST <= found[200] <= MOST + SLOW
        assert found[429] == 3 * MOST - found[200]
