"""Statements on subscriptions, their events, and how far the outbox was looked through."""

ROW = """id, campus, token, version, state, start, number, delivered, failures, failing, due, sent,
    error"""

STATEMENTS = {
    "subscriptions": f"SELECT {ROW} FROM subscription ORDER BY id",
    "subscription": f"SELECT {ROW} FROM subscription WHERE id = ?",
    "subscriptions_of": f"SELECT {ROW} FROM subscription WHERE campus = ? ORDER BY id",
    "subscription_version": "SELECT version FROM subscription WHERE id = ?",
    "subscription_versions": "SELECT id, version FROM subscription",
    # Takes id, campus, token, version, state: as its campus wrote it. What was told stays counted.
    "subscription_put": """
        INSERT INTO subscription (id, campus, token, version, state, start, number, delivered,
                                  failures, sent, error)
        VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0, '')
        ON CONFLICT (id) DO UPDATE SET campus = excluded.campus, token = excluded.token,
            version = excluded.version, state = excluded.state, failures = 0, failing = NULL,
            due = NULL, error = '',
            start = CASE WHEN excluded.state = 3 THEN 0 ELSE subscription.start END""",
    # Takes token, version; id: what changes neither target nor criteria.
    "subscription_kept": "UPDATE subscription SET token = ?, version = ? WHERE id = ?",
    "subscription_drop": "DELETE FROM subscription WHERE id = ?",
    "subscription_events_drop": "DELETE FROM subscription_event WHERE subscription = ?",
    # Takes state, start, sent, error; id.
    "subscription_turn": """
        UPDATE subscription SET state = ?, start = ?, sent = ?, error = ?, failures = 0,
            failing = NULL, due = NULL
        WHERE id = ?""",
    # Takes number; id.
    "subscription_count": "UPDATE subscription SET number = ? WHERE id = ?",
    # What was off is not told of what it missed.
    "subscription_forget": "UPDATE subscription SET delivered = number WHERE id = ?",
    # Takes delivered, sent; id.
    "subscription_sent": """
        UPDATE subscription SET delivered = ?, sent = ?, failures = 0, failing = NULL, due = NULL,
            error = ''
        WHERE id = ?""",
    # Takes failures, failing, due, error; id: nothing of one that was written anew meanwhile.
    "subscription_failed": """
        UPDATE subscription SET failures = ?, failing = ?, due = ?, error = ?
        WHERE id = ? AND state = 1""",
    # Takes number, row; id: none of a subscription that was deleted meanwhile.
    "subscription_event_add": """
        INSERT INTO subscription_event (subscription, number, row)
        SELECT id, ?, ? FROM subscription WHERE id = ?""",
    # Takes id, first and last number, limit.
    "subscription_events": """
        SELECT number, row FROM subscription_event
        WHERE subscription = ? AND number >= ? AND number <= ? ORDER BY number LIMIT ?""",
    # Takes row and limit.
    "subscription_events_expired": """
        SELECT subscription, number FROM subscription_event WHERE row < ? ORDER BY row LIMIT ?""",
    "subscription_event_drop": """
        DELETE FROM subscription_event WHERE subscription = ? AND number = ?""",
}
