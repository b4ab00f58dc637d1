"""How columns are written: every key an integer of 64 bits, in both databases."""

from sqlalchemy import BigInteger, Column, Double, Integer, MetaData, Text

metadata = MetaData()

BIG = BigInteger().with_variant(Integer, "sqlite")


def key(name: str) -> Column[int]:
    """Return an integer that is (part of) the primary key and given by whoever writes."""
    return Column(name, BIG, primary_key=True, autoincrement=False)


def number(name: str, *, null: bool = False) -> Column[int]:
    """Return an integer."""
    return Column(name, BIG, nullable=null)


def real(name: str) -> Column[float]:
    """Return a double that is part of the primary key."""
    return Column(name, Double, primary_key=True, autoincrement=False)


def words(name: str, *, null: bool = False) -> Column[str]:
    """Return a text."""
    return Column(name, Text, nullable=null)
