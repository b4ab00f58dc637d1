"""A supervisor with two roles that write down what happens to them; run as a program."""

import os
import sys
from functools import partial
from pathlib import Path

from gateway.process import Context, Role, Supervisor, listening


async def work(folder: Path, name: str, context: Context) -> None:
    def note(what: str) -> None:
        with (folder / "log").open("a") as log:
            log.write(f"{what} {name} {os.getpid()}\n")

    note("started")
    context.ready()
    await context.stop.wait()
    note("stopped")


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
    Supervisor(roles).run((folder / "ready").touch)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
