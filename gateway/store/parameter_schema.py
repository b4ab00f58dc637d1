"""The tables of custom search parameters, and of places."""

from sqlalchemy import Column, SmallInteger, Table

from gateway.store.columns import key as _key
from gateway.store.columns import metadata
from gateway.store.columns import number as _int
from gateway.store.columns import real as _real
from gateway.store.columns import words as _text

# Which versions have a value for a custom parameter.
sp_present = Table("sp_present", metadata, _key("param"), _key("row"), sqlite_with_rowid=False)
# Where a place is, on a sphere of radius 1; z goes up through the north pole.
sp_position = Table(
    "sp_position",
    metadata,
    _key("param"),
    _real("z"),
    _key("row"),
    _real("x"),
    _real("y"),
    _int("campus"),
    sqlite_with_rowid=False,
)
# The custom parameters: each change of what one finds by is a number of its own, never used again.
search_param = Table(
    "search_param",
    metadata,
    _key("number"),
    _text("id"),  # of the SearchParameter that defines it
    Column("state", SmallInteger, nullable=False),  # 0 being built, 1 in use, 2 going, 3 gone
    _text("definition"),  # JSON
    _int("base"),  # how far its building is: which of its types, behind which row
    _int("after"),
    _int("done"),
    _int("total"),
)
