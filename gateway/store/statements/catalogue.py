"""Statements on the catalogue of recognised items: versions that are never changed, only ended."""

STATEMENTS = {
    "catalogues": """
        SELECT version, imported, effective_from, effective_to, approver, source
        FROM catalogue ORDER BY version""",
    "catalogue_body": "SELECT body FROM catalogue WHERE version = ?",
    # Of two imports at once one writes nothing: it was made on what is no longer so.
    "catalogue_add": """
        INSERT INTO catalogue (version, imported, effective_from, effective_to, approver, source,
                               body)
        SELECT ?, ?, ?, ?, ?, ?, ? WHERE (SELECT max(version) FROM catalogue) = ?""",
    "catalogue_start": """
        INSERT INTO catalogue (version, imported, effective_from, effective_to, approver, source,
                               body)
        SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM catalogue)
        ON CONFLICT (version) DO NOTHING""",
    "catalogue_end": """
        UPDATE catalogue SET effective_to = ? WHERE version = ? AND EXISTS (
            SELECT 1 FROM catalogue WHERE version = ? AND body = ?)""",
}
