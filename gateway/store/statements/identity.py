"""Statements that ingest, identity and order reconciliation ask of resources."""

from gateway.store.statements.resources import SIZES

STATEMENTS = {
    # What stands under a business key, else under the id that it would get:
    # (type, campus, value, system, type, id).
    "standing": """
        SELECT k.type, k.fhir_id, r.version, r.row, r.campus, r.op, r.hole, r.codec, r.body, r.key,
               r.label
        FROM res r JOIN key k ON k.id = r.key
        WHERE r.dead IS NULL AND r.key = coalesce(
            (SELECT b.key FROM term t JOIN system s ON s.id = t.system
             JOIN business_key b ON b.type = ? AND b.term = t.id AND b.campus = ?
             WHERE t.code = ? AND s.uri = ?),
            (SELECT id FROM key WHERE type = ? AND fhir_id = ?))""",
    # The same for a key that names one thing for all campuses: (type, value, system, type, id).
    "standing_shared": """
        SELECT k.type, k.fhir_id, r.version, r.row, r.campus, r.op, r.hole, r.codec, r.body, r.key,
               r.label
        FROM res r JOIN key k ON k.id = r.key
        WHERE r.dead IS NULL AND r.key = coalesce(
            (SELECT b.key FROM term t JOIN system s ON s.id = t.system
             JOIN business_key b ON b.type = ? AND b.term = t.id
             WHERE t.code = ? AND s.uri = ? ORDER BY b.key LIMIT 1),
            (SELECT id FROM key WHERE type = ? AND fhir_id = ?))""",
    # Current resources of a type that carry a code: (param, code, system, limit).
    "carrying": """
        SELECT k.fhir_id FROM term t JOIN system s ON s.id = t.system
        JOIN sp_token p ON p.param = ? AND p.value = t.id
        JOIN res r ON r.row = p.row AND r.dead IS NULL
        JOIN key k ON k.id = r.key
        WHERE t.code = ? AND s.uri = ? ORDER BY r.row LIMIT ?""",
    # Current resources that refer to one: (param, type, id, limit).
    "naming": """
        SELECT h.fhir_id FROM key k
        JOIN sp_reference p ON p.param = ? AND p.value = k.id
        JOIN res r ON r.row = p.row AND r.dead IS NULL
        JOIN key h ON h.id = r.key
        WHERE k.type = ? AND k.fhir_id = ? ORDER BY r.row LIMIT ?""",
    # The same for many codes of a system and for many resources, each with what it was asked for:
    # (param, system, codes, limit) and (param, type, ids, limit). The order of the joins is told:
    # else all that is known of a param is walked.
    **{
        f"carrying_of_{size}": f"""
        SELECT t.code, k.fhir_id FROM system s CROSS JOIN term t CROSS JOIN sp_token p
        CROSS JOIN res r CROSS JOIN key k
        WHERE p.param = ? AND p.value = t.id AND r.row = p.row AND r.dead IS NULL AND k.id = r.key
        AND s.uri = ? AND t.system = s.id AND t.code IN ({", ".join("?" * size)})
        ORDER BY r.row LIMIT ?"""
        for size in SIZES
    },
    **{
        f"naming_of_{size}": f"""
        SELECT k.fhir_id, h.fhir_id FROM key k CROSS JOIN sp_reference p
        CROSS JOIN res r CROSS JOIN key h
        WHERE p.param = ? AND p.value = k.id AND r.row = p.row AND r.dead IS NULL AND h.id = r.key
        AND k.type = ? AND k.fhir_id IN ({", ".join("?" * size)})
        ORDER BY r.row LIMIT ?"""
        for size in SIZES
    },
    # Let a holder join a Patient: (type, id of the Patient, type, id of the holder).
    "certain_join": """
        INSERT INTO certain SELECT p.id, h.id FROM key p CROSS JOIN key h
        WHERE p.type = ? AND p.fhir_id = ? AND h.type = ? AND h.fhir_id = ?
        ON CONFLICT DO NOTHING""",
    # What happened to resources of four types: (row, type, type, type, type, limit).
    "outbox_of": """
        SELECT o.row, o.type, k.fhir_id FROM outbox o JOIN key k ON k.id = o.key
        WHERE o.row > ? AND o.type IN (?, ?, ?, ?) ORDER BY o.row LIMIT ?""",
}
