"""A supervisor with two roles that write down what happens to them; run as a program."""

import os
import sys
import threading
from functools import partial
from pathlib import Path

from gateway.process import Context, Role, Supervisor, child, listening

STUCK = "stuck"


async def work(folder: Path, name: str, context: Context) -> None:
    def note(what: str) -> None:
        with (folder / "log").open("a") as log:
            log.write(f"{what} {name} {os.getpid()}\n")

    note("started")
    context.ready()
    await context.stop.wait()
    note("stopped")
    if name == STUCK:
        threading.Event().wait()


def main(folder: Path) -> None:
    sockets = listening("127.0.0.1", 0, 2)
    assert sockets[0].getsockname() == sockets[1].getsockname()
    roles = [
        Role("first", partial(work, folder, "first")),
        *(
            Role(f"other-{number}", partial(work, folder, f"other-{number}"), (one,))
            for number, one in enumerate(sockets)
        ),
    ]
    if STUCK in sys.argv:
        child.END_SECONDS = 1.0  # type: ignore[misc]
        roles.append(Role(STUCK, partial(work, folder, STUCK)))
    Supervisor(roles).run((folder / "ready").touch)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
