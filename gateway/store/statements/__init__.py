"""Every named statement: plain SQL that SQLite and PostgreSQL both understand, by subject.

Reads are called with `store.fetch(name, params)`, writes ride in a batch (`Batch.statements`).
"""

from gateway.store.statements import (
    alerts,
    audit,
    bulk,
    catalogue,
    critical,
    decisions,
    events,
    figures,
    hooks,
    identity,
    imaging,
    inbox,
    jobs,
    labels,
    leases,
    ledger,
    names,
    parameters,
    quality,
    registry,
    resources,
    statistics,
)

STATEMENTS: dict[str, str] = {
    **alerts.STATEMENTS,
    **audit.STATEMENTS,
    **bulk.STATEMENTS,
    **catalogue.STATEMENTS,
    **critical.STATEMENTS,
    **decisions.STATEMENTS,
    **events.STATEMENTS,
    **figures.STATEMENTS,
    **hooks.STATEMENTS,
    **identity.STATEMENTS,
    **imaging.STATEMENTS,
    **inbox.STATEMENTS,
    **jobs.STATEMENTS,
    **leases.STATEMENTS,
    **labels.STATEMENTS,
    **ledger.STATEMENTS,
    **names.STATEMENTS,
    **parameters.STATEMENTS,
    **quality.STATEMENTS,
    **registry.STATEMENTS,
    **resources.STATEMENTS,
    **statistics.STATEMENTS,
}
