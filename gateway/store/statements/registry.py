"""Statements on campuses, channels, tokens, sessions and settings."""

STATEMENTS = {
    "setting": "SELECT value FROM setting WHERE name = ?",
    "settings_ahead": "SELECT name, value FROM setting WHERE name LIKE 'ahead:%'",
    "setting_make": """
        INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING""",
    "setting_put": """
        INSERT INTO setting (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
    "campuses": """
        SELECT id, code, name, mark, zone, charset, senders, peers, ae_titles, active, created,
               rate
        FROM campus ORDER BY id""",
    "campus_add": """
        INSERT INTO campus (id, code, name, mark, zone, charset, senders, peers, ae_titles,
                            active, created)
        VALUES ((SELECT coalesce(max(id), 0) + 1 FROM campus), ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)""",
    "campus_set": """
        UPDATE campus SET name = ?, mark = ?, zone = ?, charset = ?, senders = ?, peers = ?,
                          ae_titles = ?, active = ? WHERE code = ?""",
    "campus_rate": "UPDATE campus SET rate = ? WHERE code = ?",
    "channels": """
        SELECT id, campus, name, options, first_seen, last_seen FROM channel ORDER BY id""",
    "channel": "SELECT id, options FROM channel WHERE campus = ? AND name = ?",
    "channel_seen": """
        INSERT INTO channel (campus, name, options, first_seen, last_seen) VALUES (?, ?, '{}', ?, ?)
        ON CONFLICT (campus, name) DO UPDATE SET last_seen = excluded.last_seen""",
    "channel_put": """
        INSERT INTO channel (campus, name, options, first_seen, last_seen) VALUES (?, ?, ?, 0, 0)
        ON CONFLICT (campus, name) DO UPDATE SET options = excluded.options""",
    "channel_set": "UPDATE channel SET options = ? WHERE campus = ? AND name = ?",
    "tokens": """
        SELECT id, campus, name, hash, scopes, created, revoked FROM token ORDER BY id""",
    "token_add": """
        INSERT INTO token (campus, name, hash, scopes, created) VALUES (?, ?, ?, ?, ?)""",
    "token_revoke": "UPDATE token SET revoked = ? WHERE id = ? AND revoked IS NULL",
    "session": "SELECT token, person, expires FROM session WHERE hash = ?",
    "session_add": """
        INSERT INTO session (hash, token, person, created, expires) VALUES (?, ?, ?, ?, ?)""",
    "session_end": "DELETE FROM session WHERE hash = ?",
    "sessions_expired": "DELETE FROM session WHERE expires < ?",
}
