"""The tables of mutual recognition: catalogue, quality evidence, decisions and what became of them.

A result is named as in a reference, "DiagnosticReport/<id>", a Patient by its FHIR id: what stands
here is written in the transaction that writes the resource, before its integer key is known.
"""

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, Table, Text, UniqueConstraint

from gateway.store.columns import BIG, metadata, number, words

catalogue = Table(
    "catalogue",
    metadata,
    Column("version", BIG, primary_key=True),
    number("imported"),
    words("effective_from"),  # a date
    words("effective_to", null=True),  # the first day on which it holds no more
    words("approver"),
    words("source"),
    Column("body", LargeBinary, nullable=False),  # JSON of the items, deflated
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", BIG, primary_key=True),
    number("campus"),
    words("laboratory"),
    words("scheme"),  # eqa, iqc, accreditation, image-quality
    words("organisation"),
    words("scope"),
    words("item"),
    words("instrument"),
    words("round"),
    words("starts"),  # a date
    words("ends"),  # the last day
    Column("passed", SmallInteger, nullable=False),
    words("source"),
    number("imported"),
    number("recalled", null=True),
    UniqueConstraint(
        "campus",
        "laboratory",
        "scheme",
        "organisation",
        "scope",
        "item",
        "instrument",
        "round",
        name="evidence_name",
    ),
)
mark = Table(
    "mark",
    metadata,
    Column("result", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    number("evidence"),
    words("scope"),
    number("at"),
    number("expires", null=True),
    number("recalled", null=True),
    sqlite_with_rowid=False,
)
Index("mark_evidence", mark.c.evidence, mark.c.result)

decision = Table(
    "decision",
    metadata,
    Column("id", Text, primary_key=True),
    words("reminder"),
    number("at"),
    number("campus"),
    words("people"),  # the link set, a hash of it
    words("patient"),
    words("item"),
    words("outcome"),
    words("reason"),
    words("result", null=True),
    number("result_version", null=True),
    number("source", null=True),  # the campus of the result
    words("placed"),  # the encounter, else the day
    words("department"),
    words("doctor"),
    number("valid_until", null=True),
    number("catalogue"),
    number("price", null=True),  # fen
    Column("body", LargeBinary, nullable=False),  # facts and trace, deflated
    sqlite_with_rowid=False,
)
Index("decision_reminder", decision.c.reminder)
Index("decision_result", decision.c.result)
Index("decision_at", decision.c.at)
Index("decision_people", decision.c.patient, decision.c.at)
decision_event = Table(
    "decision_event",
    metadata,
    Column("id", BIG, primary_key=True),
    words("decision"),
    words("kind"),  # viewed, recognised, not-recognised, quoted, revoked; told, ordered, recalled
    number("at"),
    number("said"),  # when it happened, as whoever answers says
    words("actor"),
    number("token"),
    words("reason"),
    words("text"),
    Column("ticket", Text, nullable=False, unique=True),  # the same answer twice is one
)
Index("event_decision", decision_event.c.decision, decision_event.c.id)
Index("event_said", decision_event.c.said)

suspension = Table(
    "suspension",
    metadata,
    Column("patient", Text, primary_key=True),
    Column("other", Text, primary_key=True),  # both ways: a row for each campus that must say
    number("since"),
    words("reason"),
    words("task"),
    number("ended", null=True),
    sqlite_with_rowid=False,
)
Index("suspension_task", suspension.c.task)

cds_client = Table(
    "cds_client",
    metadata,
    Column("id", BIG, primary_key=True),
    number("campus"),
    Column("issuer", Text, nullable=False, unique=True),
    words("jwks"),  # the key set, or the address that gives it
    words("ids"),  # "hutong" where its patient ids are ours
    number("created"),
    number("revoked", null=True),
)
cds_jti = Table(
    "cds_jti",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("jti", Text, primary_key=True),
    number("expires"),
    words("call"),  # the one that brought it first
    sqlite_with_rowid=False,
)
