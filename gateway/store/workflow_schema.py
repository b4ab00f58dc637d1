"""The tables of the workflows: critical values that somebody must answer.

A result is named as in a reference, "Observation/<id>", a Patient by its FHIR id: what stands here
is written in the transaction that writes the resource, before its integer key is known.
"""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, text

from gateway.store.columns import BIG, key, metadata, number, words

critical_table = Table(
    "critical_table",
    metadata,
    Column("id", BIG, primary_key=True),
    number("campus"),  # 0: the county's
    words("effective_from"),  # a date
    words("effective_to", null=True),  # the first day on which it holds no more
    words("approver"),
    words("source"),
    number("imported"),
    Column("body", LargeBinary, nullable=False),  # JSON of the rows and settings, deflated
)
critical = Table(
    "critical",
    metadata,
    Column("task", Text, primary_key=True),
    words("patient"),  # Task.for
    words("analyte"),  # the group: one open Task a patient and group
    number("campus"),  # who must answer
    number("performer"),
    number("opened"),  # of the newest value that was not acknowledged
    number("deadline"),
    number("step"),  # the last one that fired, 0 for none
    number("due", null=True),  # when the next step fires
    number("acknowledged", null=True),
    number("closed", null=True),
    words("category"),  # lab, ecg, imaging
    words("ward"),  # class of the encounter, "" for none
    sqlite_with_rowid=False,
)
Index("critical_of", critical.c.patient, critical.c.analyte)
Index(
    "critical_due",
    critical.c.due,
    sqlite_where=text("due IS NOT NULL"),
    postgresql_where=text("due IS NOT NULL"),
)
Index("critical_opened", critical.c.opened)

# Each value that a Task bears, by the version in which it was critical or corrected.
critical_value = Table(
    "critical_value",
    metadata,
    Column("result", Text, primary_key=True),
    Column("version", BIG, primary_key=True, autoincrement=False),
    Column("task", Text, primary_key=True),
    words("patient"),
    number("performer"),
    number("campus"),  # who had to answer
    number("validated"),  # when the laboratory released it
    number("shown"),
    number("told", null=True),  # the first attempt to reach somebody
    number("acknowledged", null=True),
    number("late"),  # 1: it came long after it was performed
    sqlite_with_rowid=False,
)
Index("critical_value_patient", critical_value.c.patient)
Index("critical_value_task", critical_value.c.task)
Index("critical_value_shown", critical_value.c.shown)

# Where a value was shown already: once a campus, and never dropped at a new one.
critical_shown = Table(
    "critical_shown",
    metadata,
    Column("result", Text, primary_key=True),
    Column("version", BIG, primary_key=True, autoincrement=False),
    key("campus"),
    words("task"),
    sqlite_with_rowid=False,
)
critical_unjudged = Table(
    "critical_unjudged",
    metadata,
    Column("result", Text, primary_key=True),
    number("version"),
    words("patient"),
    number("campus"),
    words("analyte"),
    words("reason"),
    number("at"),
    sqlite_with_rowid=False,
)
Index("critical_unjudged_at", critical_unjudged.c.at)
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
Index("critical_held_due", critical_held.c.due)
