"""The tables of what is done beside requests: jobs, the files they made, what they could not do."""

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, Table, Text, text

from gateway.store.columns import BIG, metadata, number, words

job = Table(
    "job",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("name", Text, nullable=False, unique=True),  # in its address: cannot be guessed
    words("kind"),
    number("campus"),
    number("token"),
    words("actor"),  # JSON: as whom it works
    words("request"),  # JSON
    Column("state", SmallInteger, nullable=False),  # 0 waits, 1 runs, 2 done, 3 failed, 4 cancelled
    words("cursor"),  # JSON: how far it has come; what lies before is durable
    number("done"),
    number("total"),
    words("result"),  # JSON: the manifest's own part, or what went wrong
    number("created"),
    number("finished", null=True),
    number("attempts"),  # since it last came further
    number("term"),  # counts who ran it; a runner's writes ask for the term that they began in
    number("until"),  # the lease of whoever runs it, in microseconds since 1970
)
Index("job_open", job.c.id, sqlite_where=text("state < 2"), postgresql_where=text("state < 2"))

job_file = Table(
    "job_file",
    metadata,
    Column("id", BIG, primary_key=True),
    number("job"),
    Column("name", Text, nullable=False, unique=True),  # in its address: cannot be guessed
    words("part"),  # output, deleted, error: of the manifest; input: what was sent in
    words("type"),  # of the resources
    words("about"),  # the input that it speaks of
    number("count"),
    number("size"),
    Column("digest", LargeBinary, nullable=False),  # the object
)
Index("job_file_job", job_file.c.job)
Index("job_file_digest", job_file.c.digest)

# What a portion could not do, until the error file is made: lines of NDJSON.
job_issue = Table(
    "job_issue",
    metadata,
    Column("id", BIG, primary_key=True),
    number("job"),
    words("about"),
    number("count"),
    Column("lines", LargeBinary, nullable=False),  # deflated
)
Index("job_issue_job", job_issue.c.job)
