"""Statements on which profiles, tags and labels are in use: (param, the last value seen)."""

STATEMENTS = {
    "tokens_in_use": """
        SELECT t.id, s.uri, t.code FROM term t JOIN system s ON s.id = t.system
        WHERE t.id = (SELECT min(value) FROM sp_token WHERE param = ? AND value > ?)""",
    "uris_in_use": """
        SELECT id, '', uri FROM system
        WHERE id = (SELECT min(value) FROM sp_uri WHERE param = ? AND value > ?)""",
}
