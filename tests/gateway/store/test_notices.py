import os

from gateway.store.notices import Notices
from gateway.store.records import Batch
from tests.waiting import until


def test_a_notice_reaches_those_who_listen_to_its_topic():
    notices, told = Notices(), []
    notices.subscribe("a", lambda *one: told.append(one))
    notices.subscribe("b", lambda *one: told.append(one))
    notices.tell([("a", "1"), ("c", "2"), ("b", "")])
    assert told == [("a", "1"), ("b", "")]
    assert notices.topics == ["a", "b"]


def test_only_what_is_committed_here_is_carried_on():
    notices, sent = Notices(), []
    assert not notices.carried
    notices.relay(sent.append, lambda: True)
    assert notices.carried
    notices.tell([("a", "from elsewhere")])
    notices.committed([("a", "own")])
    assert sent == [[("a", "own")]]


async def test_a_commit_tells_whoever_listens(either):
    told = []
    either.subscribe("topic", lambda *one: told.append(one))
    await until(lambda: _ready(either, told))
    assert set(told) == {("topic", "x")}


async def _ready(store, told):
    """The role may take the batch before it knows who listens."""
    await store.submit(Batch(os.urandom(16), notices=[("topic", "x")]))
    return told
