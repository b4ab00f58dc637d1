"""The tables of subscriptions: how far each subscriber was told, and of what.

A row of `subscription` is written with the Subscription itself; `number` counts its events,
`delivered` is the last one that arrived. An event names the version that it is about by its row.
"""

from sqlalchemy import Column, Index, SmallInteger, Table, Text

from gateway.store.columns import BIG, metadata, number, words

subscription = Table(
    "subscription",
    metadata,
    Column("id", Text, primary_key=True),  # of the resource
    number("campus"),
    number("token"),  # with which its own campus wrote it last: what it may do is asked each time
    number("version"),  # what the subscriber wrote last, not what the gateway made of it
    Column("state", SmallInteger, nullable=False),  # 0 requested, 1 active, 2 error, 3 off
    number("start"),  # the row after which changes count, 0: not yet
    number("number"),
    number("delivered"),
    number("failures"),  # attempts in a row
    number("failing", null=True),  # since when
    number("due", null=True),  # when the next attempt is made
    number("sent"),  # the last notification that arrived, of whatever kind
    words("error"),
    sqlite_with_rowid=False,
)
subscription_event = Table(
    "subscription_event",
    metadata,
    Column("subscription", Text, primary_key=True),
    Column("number", BIG, primary_key=True, autoincrement=False),
    number("row"),
    sqlite_with_rowid=False,
)
Index("subscription_event_row", subscription_event.c.row)  # the named query: what has expired
