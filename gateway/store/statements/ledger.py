"""Statements on what became of decisions: answers, recalls, suspended links."""

_ROW = """d.id, d.reminder, d.at, d.campus, d.patient, d.item, d.outcome, d.result,
          d.result_version, d.source, d.valid_until"""

STATEMENTS = {
    "ledger_decision": f"SELECT {_ROW} FROM decision d WHERE d.id = ?",
    "ledger_events": """
        SELECT decision, kind, at, said, actor, reason, text, ticket
        FROM decision_event WHERE decision = ? ORDER BY id""",
    # The same of all decisions of a reminder: what is judged anew within it is another decision.
    "ledger_events_of": """
        SELECT e.decision, e.kind, e.at, e.said, e.actor, e.reason, e.text, e.ticket
        FROM decision d JOIN decision_event e ON e.decision = d.id
        WHERE d.reminder = ? ORDER BY e.id""",
    "ledger_add": """
        INSERT INTO decision_event (decision, kind, at, said, actor, token, reason, text, ticket)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (ticket) DO NOTHING""",
    # Answers to decisions on a result: what tells who relied on it.
    "ledger_relied": f"""
        SELECT {_ROW}, e.kind, e.said, e.ticket
        FROM decision d JOIN decision_event e ON e.decision = d.id
        WHERE d.result = ? ORDER BY e.id""",
    "ledger_relied_last": """
        SELECT coalesce(max(e.id), 0) FROM decision d JOIN decision_event e ON e.decision = d.id
        WHERE d.result = ?""",
    # The same of decisions for a patient.
    "ledger_relied_of": f"""
        SELECT {_ROW}, e.kind, e.said, e.ticket
        FROM decision d JOIN decision_event e ON e.decision = d.id
        WHERE d.patient = ? AND d.result IS NOT NULL ORDER BY e.id""",
    "ledger_relied_of_last": """
        SELECT coalesce(max(e.id), 0) FROM decision d JOIN decision_event e ON e.decision = d.id
        WHERE d.patient = ? AND d.result IS NOT NULL""",
    # What a campus was reminded of for a patient lately: (patient, since, campus).
    "ledger_reminded": """
        SELECT id, item, body FROM decision
        WHERE patient = ? AND at >= ? AND campus = ? AND result IS NOT NULL""",
    # A Patient's results under nine codes of two systems, and what is another number once they
    # are others: (type, nine codes, two systems, patient type, patient, type). A Patient who has
    # none of the type is told at once.
    "results_under": """
        SELECT CAST(sum(r.row) OVER () AS bigint), h.fhir_id FROM key k
        CROSS JOIN clinical c
        JOIN res r ON r.row = c.row AND r.dead IS NULL
        JOIN key h ON h.id = r.key
        WHERE c.patient = k.id AND c.type = ? AND c.code IN (
            SELECT t.id FROM term t JOIN system s ON s.id = t.system
            WHERE t.code IN (?, ?, ?, ?, ?, ?, ?, ?, ?) AND s.uri IN (?, ?))
        AND k.type = ? AND k.fhir_id = ?
        AND EXISTS (SELECT 1 FROM clinical x WHERE x.patient = k.id AND x.type = ?)
        ORDER BY r.row DESC""",
    "mark_recalled": """
        SELECT 1 FROM mark WHERE result = ? AND recalled IS NOT NULL AND recalled >= ? LIMIT 1""",
    "suspended": "SELECT patient, other FROM suspension WHERE patient = ? AND ended IS NULL",
    "suspension_of_task": """
        SELECT patient, other FROM suspension WHERE task = ? AND ended IS NULL""",
    "suspension_tasks": """
        SELECT task FROM suspension
        WHERE ended IS NULL AND ((patient = ? AND other = ?) OR (patient = ? AND other = ?))""",
    "suspension_add": """
        INSERT INTO suspension (patient, other, since, reason, task) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (patient, other) DO UPDATE SET since = excluded.since,
            reason = excluded.reason, task = excluded.task, ended = NULL""",
    "suspension_end": "UPDATE suspension SET ended = ? WHERE task = ? AND ended IS NULL",
}
