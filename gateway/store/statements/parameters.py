"""Statements on custom search parameters: what they are, how far they are built, their rows."""

from gateway.store.statements.resources import STORED

STATEMENTS = {
    "params_live": """
        SELECT number, id, state, definition, base, after, done, total FROM search_param
        WHERE state < 3 ORDER BY number""",
    "param_last": "SELECT coalesce(max(number), 0) FROM search_param",
    "param_add": """
        INSERT INTO search_param (number, id, state, definition, base, after, done, total)
        VALUES (?, ?, 0, ?, 0, 0, 0, 0)""",
    "param_set": "UPDATE search_param SET definition = ? WHERE number = ?",
    "param_retire": "UPDATE search_param SET state = 2 WHERE number = ?",
    "param_began": "UPDATE search_param SET total = ? WHERE number = ?",
    "param_went": """
        UPDATE search_param SET base = ?, after = ?, done = ? WHERE number = ? AND state = 0""",
    "param_built": "UPDATE search_param SET state = 1 WHERE number = ? AND state = 0",
    "param_gone": "UPDATE search_param SET state = 3 WHERE number = ? AND state = 2",
    "count_of_type": """
        SELECT count(*) FROM res WHERE type = ? AND dead IS NULL AND op <> 2""",
    "to_index_type": f"""
        SELECT {STORED}, r.label FROM res r JOIN key k ON k.id = r.key
        WHERE r.type = ? AND r.row > ? AND r.dead IS NULL AND r.op <> 2
        ORDER BY r.row LIMIT ?""",
    "holding": "SELECT row FROM sp_present WHERE param = ? ORDER BY row LIMIT ?",
}
