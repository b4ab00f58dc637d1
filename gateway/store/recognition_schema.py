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
    words("place"),  # whose name the mark bears, "" where the scope says it
    words("item"),
    words("instrument"),
    words("round"),
    words("starts"),  # a date
    words("ends"),  # the last day
    Column("passed", SmallInteger, nullable=False),
    words("source"),
    number("imported"),
    words("cursor"),  # how far the results of its period are looked through
    number("done", null=True),  # when that came to its end
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
Index(
    "evidence_waiting",
    evidence.c.id,
    sqlite_where=evidence.c.done.is_(None),
    postgresql_where=evidence.c.done.is_(None),
)
mark = Table(
    "mark",
    metadata,
    Column("result", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    number("evidence"),  # 0: the sender claims a mark, and nothing proves it
    words("scope"),
    words("told"),  # as it is printed: 全国HR
    words("claimed"),
    number("campus"),
    words("laboratory"),
    words("instrument"),
    number("at"),
    number("expires", null=True),
    number("recalled", null=True),
    number("failed", null=True),  # the evidence by which it was recalled
    words("level"),  # the requirement of the catalogue that is met
    sqlite_with_rowid=False,
)
Index("mark_made", mark.c.campus, mark.c.item, mark.c.at, mark.c.result)
Index(
    "mark_failed",
    mark.c.failed,
    mark.c.result,
    sqlite_where=mark.c.failed.is_not(None),
    postgresql_where=mark.c.failed.is_not(None),
)

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
