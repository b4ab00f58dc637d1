"""Writes as the store takes them, and a store role in a process of its own."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

from gateway.fhir.definitions import TYPE_IDS
from gateway.store.body import pack
from gateway.store.records import Batch, Write
from tests.databases import rows
from tests.tools import ROOT

__all__ = ["batch", "end", "erase", "kill", "rows", "serving", "start_role", "write"]

ROLE = """
import asyncio, resource, sys
from pathlib import Path
from gateway.store.service import Service
if sys.argv[2] != "0":
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
asyncio.run(Service(Path(sys.argv[1]), lambda: print("ready", flush=True)).run())
"""

STATUS, SUBJECT, NAME, DATE = 1001, 1002, 1003, 1004
"""Numbers of search parameters; to the store they are only numbers."""
SYSTEM = "urn:example:codes"


def write(type_, id_, *, rest=b"", op="update", campus=1, **more):
    """A version whose body ends in `rest`, the members after meta."""
    head = b'{"resourceType":"%b","id":"%b","meta":{' % (type_.encode(), id_.encode())
    codec, body = pack(head + b',"source":"x"}' + rest + b"}")
    more.setdefault("digest", rest or b"-")
    return Write(TYPE_IDS[type_], id_, campus, op, body=body, hole=len(head), codec=codec, **more)


def erase(type_, id_, *, campus=1, **more):
    return Write(TYPE_IDS[type_], id_, campus, "delete", **more)


def batch(*writes, **more):
    more.setdefault("ticket", os.urandom(16))
    return Batch(writes=list(writes), **more)


def start_role(folder, *, limit=0):
    """A store role that serves the folder, each of its files at most `limit` bytes long."""
    role = subprocess.Popen(
        [sys.executable, "-c", ROLE, str(folder), str(limit)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert role.stdout.readline() == b"ready\n"
    return role


@contextmanager
def serving(folder, *, limit=0):
    role = start_role(folder, limit=limit)
    try:
        yield role
    finally:
        end(role, signal.SIGTERM)


def end(role, how):
    role.send_signal(how)
    role.wait()
    role.stdout.close()


def kill(role):
    end(role, signal.SIGKILL)
