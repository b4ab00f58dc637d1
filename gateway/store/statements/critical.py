"""Statements on critical values: the Tasks that somebody must answer, and their values."""

from gateway.store.statements.resources import SIZES, STORED

_OPEN = """c.task, c.patient, c.analyte, c.campus, c.performer, c.opened, c.deadline, c.step, c.due,
           c.acknowledged, c.category, c.ward"""

STATEMENTS = {
    # Open Tasks that bear a value of a Patient, or are for it: (patient, patient).
    "critical_open_of": f"""
        SELECT {_OPEN} FROM critical c
        WHERE c.closed IS NULL AND c.patient = ?
        UNION
        SELECT {_OPEN} FROM critical c
        WHERE c.closed IS NULL
        AND c.task IN (SELECT v.task FROM critical_value v WHERE v.patient = ?)""",
    # Which these are of some Patients: (patients, patients).
    **{
        f"critical_open_tasks_{size}": f"""
        SELECT c.task FROM critical c
        WHERE c.closed IS NULL AND c.patient IN ({", ".join("?" * size)})
        UNION
        SELECT c.task FROM critical c
        WHERE c.closed IS NULL
        AND c.task IN (SELECT v.task FROM critical_value v
                       WHERE v.patient IN ({", ".join("?" * size)}))"""
        for size in SIZES
    },
    # When the newest of these was opened, or opened again: (patient, patient).
    "critical_open_last": """
        SELECT coalesce(max(c.opened), 0) FROM critical c
        WHERE c.closed IS NULL
        AND (c.patient = ? OR c.task IN (SELECT v.task FROM critical_value v
                                         WHERE v.patient = ?))""",
    # What waits for a campus: a next step is due until it is closed. (campus).
    "critical_waiting": """
        SELECT task FROM critical WHERE due IS NOT NULL AND closed IS NULL AND campus = ?
        ORDER BY deadline, task""",
    "critical_open_all": f"""
        SELECT {_OPEN} FROM critical c WHERE c.closed IS NULL
        ORDER BY c.deadline, c.task LIMIT ?""",
    # What became of the values that were shown in a time: (from, before).
    "critical_figures": """
        SELECT v.performer, v.campus, v.validated, v.shown, v.told, v.acknowledged, v.late,
               c.deadline, c.category, c.ward
        FROM critical_value v JOIN critical c ON c.task = v.task
        WHERE v.shown >= ? AND v.shown < ?""",
    "critical_tables": """
        SELECT t.id, t.campus, c.code, t.effective_from, t.effective_to, t.approver, t.source
        FROM critical_table t LEFT JOIN campus c ON c.id = t.campus ORDER BY t.id""",
    "critical_table_times": "SELECT id, imported FROM critical_table",
    "critical_table_add": """
        INSERT INTO critical_table (campus, effective_from, effective_to, approver, source,
                                    imported, body)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
    "critical_table_body": "SELECT body FROM critical_table WHERE id = ?",
    "critical_row": f"SELECT {_OPEN}, c.closed FROM critical c WHERE c.task = ?",
    "critical_put": """
        INSERT INTO critical (task, patient, analyte, campus, performer, opened, deadline, step,
                              due, acknowledged, category, ward, closed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (task) DO UPDATE SET
            campus = excluded.campus, opened = excluded.opened, deadline = excluded.deadline,
            step = excluded.step, due = excluded.due, acknowledged = excluded.acknowledged,
            ward = excluded.ward, closed = excluded.closed""",
    "critical_due": f"""
        SELECT {_OPEN}, c.closed FROM critical c
        WHERE c.due <= ? ORDER BY c.due LIMIT ?""",
    "critical_next": "SELECT min(due) FROM critical WHERE due IS NOT NULL",
    # The values of a Task, and those of a result: what it was shown as, and where.
    "critical_value_put": """
        INSERT INTO critical_value (result, version, task, patient, performer, campus, validated,
                                    shown, late)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (result, version, task) DO NOTHING""",
    # Tasks that bear a result, and "" if it could not be judged: (result, result).
    "critical_known": """
        SELECT DISTINCT task FROM critical_value WHERE result = ?
        UNION ALL SELECT '' FROM critical_unjudged WHERE result = ?""",
    # Tasks for a Patient, of a group, that are open or were closed after a moment:
    # (patient, analyte, moment).
    "critical_recent": f"""
        SELECT {_OPEN}, c.closed FROM critical c
        WHERE c.patient = ? AND c.analyte = ? AND (c.closed IS NULL OR c.closed > ?)
        ORDER BY c.closed IS NOT NULL, c.opened DESC""",
    "critical_values_in": """
        SELECT result, version, patient, performer FROM critical_value WHERE task = ?""",
    "critical_told": "UPDATE critical_value SET told = ? WHERE task = ? AND told IS NULL",
    "critical_acknowledged": """
        UPDATE critical_value SET acknowledged = ?, told = coalesce(told, ?)
        WHERE task = ? AND acknowledged IS NULL""",
    "critical_moved": """
        UPDATE critical_value SET campus = ? WHERE task = ? AND acknowledged IS NULL""",
    "critical_shown_put": """
        INSERT INTO critical_shown (result, version, campus, task) VALUES (?, ?, ?, ?)
        ON CONFLICT (result, version, campus) DO NOTHING""",
    "critical_shown_at": "SELECT version, campus, task FROM critical_shown WHERE result = ?",
    "critical_unjudged_put": """
        INSERT INTO critical_unjudged (result, version, patient, campus, analyte, reason, at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (result) DO UPDATE SET
            version = excluded.version, reason = excluded.reason, at = excluded.at""",
    "critical_unjudged": """
        SELECT result, version, patient, campus, analyte, reason, at FROM critical_unjudged
        WHERE at >= ? ORDER BY at DESC LIMIT ?""",
    "critical_unjudged_drop": "DELETE FROM critical_unjudged WHERE result = ?",
    # Messages in quarantine that bear a critical value: (now, limit).
    "critical_held_put": """
        INSERT INTO critical_held (message, campus, opened, step, due, text)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message) DO NOTHING""",
    "critical_held_due": """
        SELECT h.message, h.campus, h.opened, h.step, h.due, h.text, i.state
        FROM critical_held h LEFT JOIN inbox i ON i.id = h.message
        WHERE h.due <= ? OR i.state IS NULL OR i.state <> 2 ORDER BY h.due LIMIT ?""",
    "critical_held_all": """
        SELECT h.message, h.campus, h.opened, h.step, h.due, h.text
        FROM critical_held h ORDER BY h.opened LIMIT ?""",
    # One step further, unless another process took it: (step, due, message, step).
    "critical_held_step": """
        UPDATE critical_held SET step = ?, due = ? WHERE message = ? AND step = ?""",
    "critical_held_drop": "DELETE FROM critical_held WHERE message = ?",
    # The newest Encounters of a Patient: (encounter type, patient type, patient id, limit).
    "critical_encounters": f"""
        SELECT {STORED}, r.label FROM key p
        JOIN clinical c ON c.patient = p.id AND c.type = ? AND c.code = 0
        JOIN res r ON r.row = c.row AND r.dead IS NULL
        JOIN key k ON k.id = r.key
        WHERE p.type = ? AND p.fhir_id = ? ORDER BY c.lo, c.row DESC LIMIT ?""",
}
