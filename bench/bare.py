"""The yardstick: a bare Starlette route that returns the same bytes, in as many processes.

That of a service reads the JSON it is sent and writes the JSON that it answers.

python bench/bare.py PORT PROCESSES FILE
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

STOPS = {signal.SIGTERM, signal.SIGINT}


def main(port: int, processes: int, file: Path) -> None:
    """Serve until told to stop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    body = file.read_bytes()

    async def endpoint(_request: Request) -> Response:
        return Response(body, media_type="application/fhir+json")

    async def service(request: Request) -> Response:
        await request.json()
        return JSONResponse(json.loads(body))

    app = Starlette(
        routes=[
            Route("/fhir/{type}", endpoint),
            Route("/fhir/{type}/{id}", endpoint),
            Route("/cds-services/{id}", service, methods=["POST"]),
        ]
    )
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    sockets = [_listening(port) for _ in range(processes)]
    children = [_serving(uvicorn.Server(config), one) for one in sockets]
    signal.sigwait(STOPS)
    for child in children:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _serving(server: uvicorn.Server, listening: socket.socket) -> int:
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        server.run([listening])
        os._exit(0)
    return child


def _listening(port: int) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(("127.0.0.1", port))
    one.listen(2048)
    return one


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
