"""Statements on received messages."""

_ACCOUNT = """id, received, campus, channel, format, namespace, control, state, attempts, reason,
              account, finished"""

STATEMENTS = {
    "inbox_add": """
        INSERT INTO inbox (received, campus, channel, format, namespace, control, hash, state,
                           attempts, reason, account, raw)
        VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, '', '', ?)""",
    # The same for a channel by its name, which may be made in the same batch.
    "inbox_receive": """
        INSERT INTO inbox (received, campus, channel, format, namespace, control, hash, raw,
                           state, attempts, reason, account)
        SELECT ?, campus, id, ?, ?, ?, ?, ?, 0, 0, '', '' FROM channel
        WHERE campus = ? AND name = ?""",
    "inbox_waiting": """
        SELECT id, received, campus, channel, format, namespace, control, attempts, raw
        FROM inbox WHERE state = 0 AND id > ? ORDER BY id LIMIT ?""",
    "inbox_next": """
        SELECT i.id, i.received, i.campus, c.name, i.format, i.namespace, i.hash, i.raw
        FROM inbox i JOIN channel c ON c.id = i.channel
        WHERE i.state = 0 AND i.id > ? ORDER BY i.id LIMIT ?""",
    "inbox_waiting_ids": "SELECT id FROM inbox WHERE state = 0 AND id <= ? ORDER BY id LIMIT ?",
    "inbox_depth": "SELECT count(*), min(received) FROM inbox WHERE state = 0",
    "inbox_pressure": """
        SELECT (SELECT count(*) FROM (SELECT 1 FROM inbox WHERE state = 0 LIMIT 1000) w),
               (SELECT received FROM inbox WHERE state = 0 ORDER BY id LIMIT 1),
               (SELECT id FROM inbox WHERE state = 0 ORDER BY id LIMIT 1)""",
    "inbox_same": """
        SELECT i.id FROM inbox i JOIN channel c ON c.id = i.channel
        WHERE i.hash = ? AND i.control = ? AND c.campus = ? AND c.name = ? AND i.namespace = ?
        AND i.state <> 3 ORDER BY i.id DESC LIMIT 1""",
    # A message that another process has finished meanwhile stays as it was finished.
    "inbox_finish": """
        UPDATE inbox SET state = ?, reason = ?, account = ?, finished = ?, attempts = attempts + ?
        WHERE id = ? AND state = 0""",
    "inbox_again": "UPDATE inbox SET state = 0, reason = '' WHERE id = ? AND state = 2",
    "inbox_discard": """
        UPDATE inbox SET state = 3, reason = ?, finished = ? WHERE id = ? AND state = 2""",
    "inbox_held": f"SELECT {_ACCOUNT} FROM inbox WHERE state = 2 ORDER BY id LIMIT ?",
    "inbox_held_waiting": """
        SELECT id, account FROM inbox
        WHERE state = 2 AND reason = 'nothing-to-finalise' ORDER BY id LIMIT ?""",
    "inbox_get": f"SELECT {_ACCOUNT}, raw FROM inbox WHERE id = ?",
    "inbox_account": f"SELECT {_ACCOUNT} FROM inbox WHERE id = ?",
    "inbox_last": "SELECT coalesce(max(id), 0) FROM inbox",
    "inbox_counts": "SELECT state, count(*) FROM inbox GROUP BY state",
}
