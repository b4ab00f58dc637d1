"""A subscriber's endpoint on a socket: keeps what it is sent, answers as the test says."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field

TURNS = 20
"""Of the event loop, in which a connection that was accepted is made, told of, and closed."""


async def turns():
    for _ in range(TURNS):
        await asyncio.sleep(0)


@dataclass
class Received:
    """One request."""

    method: str
    path: str
    headers: dict
    body: bytes
    answered: int = 0

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def status(self):
        """The parameters of a notification, by name; of events a list."""
        found = {"events": []}
        for one in self.json["entry"][0]["resource"]["parameter"]:
            if one["name"] == "notification-event":
                found["events"].append({part["name"]: value_of(part) for part in one["part"]})
            else:
                found[one["name"]] = value_of(one)
        return found

    @property
    def kind(self):
        return self.status["type"]

    @property
    def numbers(self):
        return [int(one["event-number"]) for one in self.status["events"]]

    @property
    def focus(self):
        return [one.get("focus", {}).get("reference") for one in self.status["events"]]


def value_of(part):
    return next((value for name, value in part.items() if name.startswith("value")), None)


@dataclass
class Receiver:
    """A server on 127.0.0.1. `answer` is a status, or a coroutine that gives one."""

    got: list = field(default_factory=list)
    answer: object = 200
    extra: str = ""
    open_now: int = 0
    port: int = 0
    ssl: object = None
    _serving: dict = field(default_factory=dict)
    _stopped: bool = False

    async def start(self):
        self._stopped = False
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, ssl=self.ssl
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self):
        self._stopped = True
        # What was accepted before a server is closed, and is no connection yet, is left open by it.
        for one in self._server.sockets:
            asyncio.get_running_loop().remove_reader(one)
        await turns()
        self._server.close()
        serving = dict(self._serving)
        for task, writer in serving.items():
            if not writer.is_closing():
                task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        for writer in serving.values():
            if not writer.is_closing():
                # Its task was cancelled before it began.
                writer.close()
        # What was closed is gone then.
        await turns()

    @property
    def url(self):
        return f"http{'s' if self.ssl else ''}://127.0.0.1:{self.port}/hook"

    @property
    def events(self):
        """The notifications of events, in the order in which they came."""
        return [one for one in self.got if one.kind == "event-notification"]

    @property
    def taken(self):
        """Those of them that it took."""
        return [one for one in self.events if one.answered == 200]

    @property
    def numbers(self):
        return [number for one in self.events for number in one.numbers]

    def _accept(self, reader, writer):
        if self._stopped:
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._serving[task] = writer
        task.add_done_callback(self._serving.pop)

    async def _converse(self, reader, writer):
        self.open_now += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = {
                name.lower(): value
                for name, _, value in (line.partition(": ") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            received = Received(method, path, headers, body)
            self.got.append(received)
            status = await self.answer(received) if callable(self.answer) else self.answer
            received.answered = status
            writer.write(
                f"HTTP/1.1 {status} X\r\n{self.extra}Content-Length: 0\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_now -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
