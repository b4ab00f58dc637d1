"""What libpq is told of a connection, and what the address may say instead."""

from psycopg.conninfo import conninfo_to_dict

from gateway.store.postgres.address import conninfo


def test_a_machine_that_is_gone_is_not_waited_for():
    told = conninfo_to_dict(conninfo("postgresql://hutong@db.example.org/hutong"))
    unanswered = int(told["tcp_user_timeout"]) / 1000
    silent = int(told["keepalives_idle"])
    silent += int(told["keepalives_interval"]) * int(told["keepalives_count"])
    assert unanswered <= 15
    assert silent <= 15
    assert int(told["connect_timeout"]) <= 5


def test_what_the_address_says_holds():
    url = "postgresql://hutong@db/hutong?tcp_user_timeout=60000&options=-c%20lock_timeout%3D9"
    told = conninfo_to_dict(conninfo(url, jit="off"))
    assert told["tcp_user_timeout"] == "60000"
    assert told["options"] == "-c jit=off -c lock_timeout=9"
