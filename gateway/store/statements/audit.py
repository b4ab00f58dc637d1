"""Statements on the audit chain and on refused calls."""

STATEMENTS = {
    "audit_last": "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
    "audit_after": """
        SELECT seq, at, campus, token, body, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?""",
    "audit_before": """
        SELECT seq, at, campus, token, body, hash FROM audit
        WHERE seq < ? AND (campus = ? OR ? = 0) ORDER BY seq DESC LIMIT ?""",
    "audit_from": """
        SELECT seq, at, campus, token, body, hash FROM audit
        WHERE seq > ? AND (campus = ? OR ? = 0) ORDER BY seq LIMIT ?""",
    "audit_count": "SELECT count(*) FROM audit WHERE campus = ? OR ? = 0",
    "audit_get": "SELECT seq, at, campus, token, body, hash FROM audit WHERE seq = ?",
    "refusal_count": """
        INSERT INTO refusal (minute, address, count) VALUES (?, ?, ?)
        ON CONFLICT (minute, address) DO UPDATE SET count = refusal.count + excluded.count""",
    "refusals": "SELECT minute, address, count FROM refusal ORDER BY minute DESC LIMIT ?",
}
