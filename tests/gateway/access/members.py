"""Writes what the directory reads, as the commands do."""

import json
import os
from hashlib import sha256

from gateway.store.records import Batch
from gateway.store.sqlite import SQLiteStore

CONFIG = ("config", "")


async def tell(store: SQLiteStore, *statements, notices=(CONFIG,)):
    batch = Batch(os.urandom(16), statements=list(statements), notices=list(notices))
    return (await store.submit(batch)).results


async def add_campus(store, code, *, name="", senders=(), peers=(), charset=""):
    listed = (json.dumps(names, ensure_ascii=False) for names in (senders, peers, ()))
    values = (code, name or code, code, "Asia/Shanghai", charset, *listed, 1)
    await tell(store, ("campus_add", values))


async def add_token(store, campus, bearer, scopes="system/*.cruds", name="his"):
    (number,) = await tell(
        store, ("token_add", (campus, name, sha256(bearer.encode()).digest(), scopes, 1))
    )
    return number


async def deactivate(store, code):
    values = (code, code, "Asia/Shanghai", "", "[]", "[]", "[]", 0, code)
    await tell(store, ("campus_set", values))
