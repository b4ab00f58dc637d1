"""Statements on what became of decisions: answers, recalls, suspended links."""

from gateway.store.statements.resources import SIZES

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
    # Who of some Patients was the subject of any since: (since, patients).
    **{
        f"ledger_reminded_of_{size}": f"""
        SELECT DISTINCT patient FROM decision
        WHERE at >= ? AND result IS NOT NULL AND patient IN ({", ".join("?" * size)})"""
        for size in SIZES
    },
    # The results of some Patients under nine codes of two systems, each after what is another
    # number once any of them is another: (patient type, patients, type, two systems, nine codes,
    # type). A Patient who has none of the type is told at once.
    **{
        f"results_under_{size}": f"""
        SELECT CAST(sum(r.row) OVER () AS bigint), k.fhir_id, h.fhir_id FROM key k
        CROSS JOIN system s CROSS JOIN term t CROSS JOIN clinical c
        CROSS JOIN res r CROSS JOIN key h
        WHERE k.type = ? AND k.fhir_id IN ({", ".join("?" * size)})
        AND EXISTS (SELECT 1 FROM clinical x WHERE x.patient = k.id AND x.type = ?)
        AND s.uri IN (?, ?) AND t.system = s.id AND t.code IN (?, ?, ?, ?, ?, ?, ?, ?, ?)
        AND c.patient = k.id AND c.type = ? AND c.code = t.id
        AND r.row = c.row AND r.dead IS NULL AND h.id = r.key
        ORDER BY r.row DESC"""
        for size in SIZES
    },
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
