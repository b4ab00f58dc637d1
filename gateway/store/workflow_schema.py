"""The tables of the workflows: critical values that somebody must answer."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, text

from gateway.store.columns import BIG, metadata, number, words

critical_table = Table(
    "critical_table",
    metadata,
    Column("id", BIG, primary_key=True),
    number("campus"),  # 0: the county's
    words("effective_from"),  # a date
    words("effective_to", null=True),
    words("approver"),
    words("source"),
    number("imported"),
    Column("body", LargeBinary, nullable=False),  # JSON of the rows, deflated
)
critical = Table(
    "critical",
    metadata,
    Column("task", Text, primary_key=True),
    words("patient"),
    words("analyte"),  # the group: one open Task a patient and group
    number("campus"),  # who must answer
    number("performer"),
    number("opened"),
    number("deadline"),
    number("step"),
    number("due", null=True),  # when the next step fires
    number("acknowledged", null=True),
    number("closed", null=True),
    Column("body", LargeBinary, nullable=False),  # JSON: the values, where each was shown
    sqlite_with_rowid=False,
)
Index(
    "critical_open",
    critical.c.patient,
    critical.c.analyte,
    sqlite_where=text("closed IS NULL"),
    postgresql_where=text("closed IS NULL"),
)
Index(
    "critical_due",
    critical.c.due,
    sqlite_where=text("due IS NOT NULL"),
    postgresql_where=text("due IS NOT NULL"),
)
critical_held = Table(
    "critical_held",
    metadata,
    Column("message", BIG, primary_key=True, autoincrement=False),  # of the inbox
    number("campus"),
    number("opened"),
    number("step"),
    number("due"),
    words("text"),
)
