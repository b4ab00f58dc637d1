"""Figures for Prometheus: requests, received messages, alerts.

https://prometheus.io/docs/instrumenting/exposition_formats/. With PROMETHEUS_MULTIPROC_DIR the
processes of the api role add up; what stands in the store is read when it is asked for.
"""

import asyncio
import os
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from typing_extensions import override

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.bus.bus import Bus
from gateway.jobs.job import STATES
from gateway.store.protocol import Store

MULTIPROCESS: Final = "PROMETHEUS_MULTIPROC_DIR"
MICROSECONDS: Final = 1_000_000
FOLLOW: Final = 0.25


class Queues(Collector):
    """What waits or wants to be seen, as the store has it now."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus

    @override
    def collect(self) -> Iterator[Metric]:
        ((waiting, oldest),) = self._store.fetch("inbox_depth")
        ((received, held),) = self._store.fetch("inbox_figures")
        ((alerts,),) = self._store.fetch("alerts_count")
        yield CounterMetricFamily("hutong_messages_received", "Messages kept.", received)
        yield GaugeMetricFamily("hutong_inbox_waiting", "Messages not processed yet.", waiting)
        yield GaugeMetricFamily(
            "hutong_inbox_oldest_seconds",
            "When the oldest waiting message came, in seconds since 1970; 0 for none.",
            (oldest or 0) / MICROSECONDS,
        )
        yield GaugeMetricFamily("hutong_quarantine_held", "Messages in quarantine.", held)
        yield GaugeMetricFamily("hutong_alerts_open", "Alerts that someone must see.", alerts)
        jobs = GaugeMetricFamily(
            "hutong_jobs", "Jobs, by kind and state.", labels=("kind", "state")
        )
        for kind, state, count in self._store.fetch("jobs_figures"):
            jobs.add_metric((kind, STATES[state]), count)
        yield jobs
        if self._bus.connected is not None:
            yield GaugeMetricFamily(
                "hutong_bus_connected",
                "1 while the process that answers reaches Redis.",
                int(self._bus.connected),
            )
        held = GaugeMetricFamily(
            "hutong_lease_until_seconds",
            "Until when a gateway does what one alone may, in seconds since 1970.",
            labels=("lease", "holder"),
        )
        for name, holder, until in self._store.fetch("leases"):
            held.add_metric((name, holder), until / MICROSECONDS)
        yield held


class Metrics:
    """The figures of one process, and how they are shown."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._queues = Queues(store, bus)
        self._own = CollectorRegistry()
        self._requests = Counter(
            "hutong_http_requests",
            "Requests answered, by interaction and status.",
            ("interaction", "status"),
            registry=self._own,
        )
        self._counted: dict[tuple[str, int], int] = {}

    def count(self, interaction: str, status: int) -> None:
        """Count one answered request; the shared figures follow within FOLLOW seconds."""
        key = interaction, status
        if not self._counted:
            asyncio.get_running_loop().call_later(FOLLOW, self._settle)
        self._counted[key] = self._counted.get(key, 0) + 1

    def _settle(self) -> None:
        counted, self._counted = self._counted, {}
        for (interaction, status), number in counted.items():
            self._requests.labels(interaction, str(status)).inc(number)

    def text(self) -> bytes:
        """Return all figures in the text format."""
        self._settle()
        registry = self._own
        if MULTIPROCESS in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        shown = CollectorRegistry()
        shown.register(self._queues)
        return generate_latest(registry) + generate_latest(shown)


async def metrics(call: Call) -> Answer:
    """Return the figures; they name no patient, but they are for callers with a token only."""
    call.refuse_params()
    return Answer(call.service.metrics.text(), kind=CONTENT_TYPE_LATEST.encode())
