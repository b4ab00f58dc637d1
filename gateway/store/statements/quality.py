"""Statements on quality evidence and on the marks of mutual recognition (HR) that rest on it."""

WIDTH = 32
"""How many results one statement asks for; the rest of its places is filled with ''."""
_PLACES = ", ".join(["?"] * WIDTH)
_EVIDENCE = """id, campus, laboratory, scheme, organisation, scope, place, item, instrument, round,
               starts, ends, passed, source, imported, cursor, done"""

STATEMENTS = {
    "evidence_all": f"SELECT {_EVIDENCE} FROM evidence ORDER BY id",
    "evidence_state": "SELECT count(*), coalesce(max(imported), 0) FROM evidence",
    "evidence_waiting": f"""
        SELECT {_EVIDENCE} FROM evidence WHERE done IS NULL ORDER BY id LIMIT ?""",
    # What is imported again and says the same changes nothing, and is not looked through again.
    "evidence_put": """
        INSERT INTO evidence (campus, laboratory, scheme, organisation, scope, place, item,
                              instrument, round, starts, ends, passed, source, imported, cursor,
                              done)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', NULL)
        ON CONFLICT (campus, laboratory, scheme, organisation, scope, item, instrument, round)
        DO UPDATE SET place = excluded.place, starts = excluded.starts, ends = excluded.ends,
                      passed = excluded.passed, source = excluded.source,
                      imported = excluded.imported, cursor = '', done = NULL
        WHERE evidence.place <> excluded.place OR evidence.starts <> excluded.starts
        OR evidence.ends <> excluded.ends OR evidence.passed <> excluded.passed""",
    # Only as long as nobody imported other words meanwhile.
    "evidence_walked": """
        UPDATE evidence SET cursor = ?, done = ? WHERE id = ? AND imported = ?""",
    "marks_of": f"""
        SELECT m.result, m.item, m.scope, m.told, m.evidence, m.expires, m.recalled, m.claimed,
               m.level
        FROM mark m WHERE m.result IN ({_PLACES})""",
    # A mark is frozen; only a claim without evidence gives way.
    "mark_freeze": """
        INSERT INTO mark (result, item, evidence, scope, told, claimed, campus, laboratory,
                          instrument, at, expires, recalled, failed, level)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (result, item) DO UPDATE SET
            evidence = excluded.evidence, scope = excluded.scope, told = excluded.told,
            expires = excluded.expires, recalled = excluded.recalled, failed = excluded.failed,
            level = excluded.level
        WHERE mark.evidence = 0 AND excluded.evidence <> 0""",
    # Marks that a failed round takes back: (campus, item, from, to, laboratory twice,
    # instrument twice, limit). Where a mark does not say which, it may be this one.
    "marks_standing": """
        SELECT result FROM mark
        WHERE campus = ? AND item = ? AND at >= ? AND at < ? AND recalled IS NULL
        AND evidence <> 0
        AND (? = '' OR laboratory IN ('', ?)) AND (? = '' OR instrument IN ('', ?))
        ORDER BY at, result LIMIT ?""",
    "mark_recall": """
        UPDATE mark SET recalled = ?, failed = ? WHERE result = ? AND item = ?
        AND recalled IS NULL""",
    "marks_failed": "SELECT result, item FROM mark WHERE failed = ? ORDER BY result LIMIT ?",
    "mark_restore": """
        UPDATE mark SET recalled = NULL, failed = NULL WHERE result = ? AND item = ?
        AND failed = ?""",
    # What stands under a code at a campus, in the order in which it came: (parameter, term, after,
    # campus, limit).
    "under_code": """
        SELECT k.type, k.fhir_id, r.version, r.row, r.campus, r.op, r.hole, r.codec, r.body, r.key,
               r.label
        FROM sp_token s CROSS JOIN res r CROSS JOIN key k
        WHERE s.param = ? AND s.value = ? AND s.row > ? AND s.campus = ?
        AND r.row = s.row AND r.dead IS NULL AND r.op <> 2 AND k.id = r.key
        ORDER BY s.row LIMIT ?""",
}
