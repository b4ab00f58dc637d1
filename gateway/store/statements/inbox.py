"""Statements on received messages."""

_ACCOUNT = """id, received, campus, channel, format, namespace, control, state, attempts, reason,
              account, finished"""

STATEMENTS = {
    "inbox_add": """
        INSERT INTO inbox (received, campus, channel, format, namespace, control, hash, state,
                           attempts, reason, account, raw)
        VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, '', '', ?)""",
    "inbox_waiting": """
        SELECT id, received, campus, channel, format, namespace, control, attempts, raw
        FROM inbox WHERE state = 0 AND id > ? ORDER BY id LIMIT ?""",
    "inbox_depth": "SELECT count(*), min(received) FROM inbox WHERE state = 0",
    "inbox_same": "SELECT id, control, state FROM inbox WHERE hash = ? AND channel = ?",
    "inbox_finish": """
        UPDATE inbox SET state = ?, reason = ?, account = ?, finished = ?, attempts = attempts + 1
        WHERE id = ?""",
    "inbox_again": "UPDATE inbox SET state = 0, reason = '' WHERE id = ? AND state = 2",
    "inbox_discard": """
        UPDATE inbox SET state = 3, reason = ?, finished = ? WHERE id = ? AND state = 2""",
    "inbox_held": f"SELECT {_ACCOUNT} FROM inbox WHERE state = 2 ORDER BY id LIMIT ?",
    "inbox_get": f"SELECT {_ACCOUNT}, raw FROM inbox WHERE id = ?",
    "inbox_account": f"SELECT {_ACCOUNT} FROM inbox WHERE id = ?",
    "inbox_counts": "SELECT state, count(*) FROM inbox GROUP BY state",
}
