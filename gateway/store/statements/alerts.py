"""Statements on alerts: one open row a kind and place, counted."""

STATEMENTS = {
    "alert_raise": """
        INSERT INTO alert (kind, place, campus, text, first, last, count)
        VALUES (?, ?, ?, ?, ?, ?, 1)
        ON CONFLICT (kind, place) WHERE closed IS NULL
        DO UPDATE SET last = excluded.last, text = excluded.text, count = alert.count + 1""",
    "alert_close": "UPDATE alert SET closed = ? WHERE kind = ? AND place = ? AND closed IS NULL",
    "alert_close_id": "UPDATE alert SET closed = ? WHERE id = ? AND closed IS NULL",
    "alerts_open": """
        SELECT id, kind, place, campus, text, first, last, count FROM alert
        WHERE closed IS NULL ORDER BY last DESC LIMIT ?""",
    "alert": "SELECT kind, place, closed FROM alert WHERE id = ?",
    "alerts_count": "SELECT count(*) FROM alert WHERE closed IS NULL",
}
