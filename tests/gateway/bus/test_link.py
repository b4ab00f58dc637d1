import asyncio

import pytest

from gateway.bus.limits import LinkError
from gateway.bus.link import Link
from tests.waiting import until

pytestmark = pytest.mark.needs("redis-server")


def heard(link):
    """What a link hears from now on."""
    found = []
    link.listen(found.append)
    return found


async def test_what_one_publishes_all_hear(linked):
    one, two, stranger = linked(), linked(), linked("another county")
    found = [heard(link) for link in (one, two, stranger)]
    await until(lambda: one.connected and two.connected and stranger.connected)
    assert one.publish(b"a")
    assert one.publish(b"b")
    await until(lambda: found[0] == found[1] == [b"a", b"b"])
    assert found[2] == []


async def test_a_server_that_comes_later_is_found(linked, redis):
    redis.kill()
    link = linked()
    await asyncio.sleep(0.3)
    assert not link.connected
    assert not link.publish(b"lost")
    with pytest.raises(LinkError):
        await link.run_script("key", (1_000_000, 1))
    redis.start()
    await until(lambda: link.connected)
    assert await link.run_script("key", (1_000_000, 1)) == 0


async def test_a_server_that_dies_is_noticed_and_found_again(linked, redis):
    one, two = linked(), linked()
    await until(lambda: one.connected and two.connected)
    redis.kill()
    await until(lambda: not one.connected and not two.connected, 10)
    redis.start()
    found = heard(two)
    await until(lambda: one.connected and two.connected, 10)
    one.publish(b"again")
    await until(lambda: found == [b"again"])


async def test_a_listener_that_breaks_does_not_end_the_link(linked):
    one, two = linked(), linked()
    await until(lambda: one.connected and two.connected)
    found = []

    def breaks(body):
        found.append(body)
        if body == b"bad":
            raise ValueError

    two.listen(breaks)
    one.publish(b"bad")
    await until(lambda: found and not two.connected)
    await until(lambda: two.connected)
    one.publish(b"good")
    await until(lambda: found == [b"bad", b"good"])


async def test_a_server_that_is_held_up_keeps_nobody_waiting(linked, redis):
    link = linked()
    await until(lambda: link.connected)
    redis.hold_up()
    try:
        with pytest.raises(LinkError):
            async with asyncio.timeout(5):
                await link.run_script("key", (1_000_000, 1))
        assert not link.connected
    finally:
        redis.let_go()
    await until(lambda: link.connected)


async def test_silence_is_noticed_though_nobody_asks(linked, redis):
    link = linked()
    await until(lambda: link.connected)
    redis.hold_up()
    try:
        await until(lambda: not link.connected, 15)
    finally:
        redis.let_go()
    await until(lambda: link.connected)


async def test_a_forgotten_script_is_loaded_again(linked, redis):
    link = linked()
    await until(lambda: link.connected)
    reader, writer = await asyncio.open_connection("127.0.0.1", redis.port)
    writer.write(b"SCRIPT FLUSH SYNC\r\n")
    assert await reader.readline() == b"+OK\r\n"
    writer.close()
    await writer.wait_closed()
    with pytest.raises(LinkError):
        await link.run_script("key", (1_000_000, 1))
    await until(lambda: link.connected)
    assert await link.run_script("key", (1_000_000, 1)) == 0


async def test_a_script_that_fails_fails_alone(linked):
    link = linked(script="return redis.call('INCR', KEYS[1], ARGV[1])")
    await until(lambda: link.connected)
    with pytest.raises(LinkError):
        await link.run_script("key", (1,))
    assert link.connected


async def test_more_than_fits_is_refused(linked):
    link = linked()
    await until(lambda: link.connected)
    taken = [link.publish(b"x") for _ in range(2000)]
    assert taken.count(False) == 1000
    assert taken.index(False) == 1000


async def test_where_nothing_listens_it_tries_on(free_port):
    link = Link(f"redis://127.0.0.1:{free_port()}", "county", "return 0")
    link.start()
    await asyncio.sleep(0.5)
    assert not link.connected
    await link.close()
