"""What several gateways on one database agree on: which of them does what one alone may do."""

from sqlalchemy import Column, Table, Text

from gateway.store.columns import metadata, number, words

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    words("holder"),  # a gateway, by a name that is new at each of its starts
    number("term"),  # counts who held it; a holder's writes ask for the term that they began in
    number("until"),  # microseconds since 1970, as the holder's clock says
    sqlite_with_rowid=False,
)
