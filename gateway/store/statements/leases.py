"""Statements on leases: which of several gateways does what one alone may do."""

STATEMENTS = {
    "lease": "SELECT holder, term, until FROM lease WHERE name = ?",
    "leases": "SELECT name, holder, until FROM lease ORDER BY name",
    # What a holder's writes are conditional on.
    "lease_term": "SELECT term FROM lease WHERE name = ?",
    # One that is over, or that an earlier process of the same gateway held: (name, holder, until,
    # now).
    "lease_take": """
        INSERT INTO lease (name, holder, term, until) VALUES (?, ?, 1, ?)
        ON CONFLICT (name) DO UPDATE SET
            holder = excluded.holder, term = lease.term + 1, until = excluded.until
        WHERE lease.until < ? OR lease.holder = excluded.holder""",
    "lease_keep": "UPDATE lease SET until = ? WHERE name = ? AND holder = ? AND term = ?",
    "lease_free": "UPDATE lease SET until = 0 WHERE name = ? AND holder = ? AND term = ?",
}
