"""Statements on what is there to be recognised, and on the decisions that were made."""

WIDTH = 32
"""How many codes or keys one statement takes; the rest of its places is filled with -1."""
NEWEST = 8
"""Older results of a code stand behind so many newer ones: they decide nothing."""
_STORED = "k.type, k.fhir_id, r.version, r.row, r.campus, r.op, r.hole, r.codec, r.body, r.key"
_VALUES = ", ".join(["(CAST(? AS BIGINT))", *["(?)"] * (WIDTH - 1)])
_MARKS = ", ".join(["?"] * WIDTH)

STATEMENTS = {
    # The newest results of a Patient with certain codes, standing ones: (codes, patient, type).
    "candidates": f"""
        WITH wanted(code) AS (VALUES {_VALUES})
        SELECT w.code, {_STORED}, r.label
        FROM wanted w CROSS JOIN res r CROSS JOIN key k
        WHERE k.id = r.key AND r.row IN (
            SELECT c.row FROM clinical c CROSS JOIN res x
            WHERE c.patient = ? AND c.type = ? AND c.code = w.code
            AND x.row = c.row AND x.dead IS NULL AND x.op <> 2
            ORDER BY c.lo LIMIT {NEWEST})""",
    # The newest resources of a type about a Patient, whatever their codes: (patient, type, limit).
    "latest": f"""
        SELECT {_STORED}, r.label
        FROM clinical c CROSS JOIN res r CROSS JOIN key k
        WHERE c.patient = ? AND c.type = ? AND c.code = 0 AND r.row = c.row AND r.dead IS NULL
        AND r.op <> 2 AND k.id = r.key ORDER BY c.lo LIMIT ?""",
    # Standing resources that name these: (parameter, keys).
    "naming_each": f"""
        SELECT s.value, s.row FROM sp_reference s CROSS JOIN res r
        WHERE s.param = ? AND s.value IN ({_MARKS}) AND r.row = s.row AND r.dead IS NULL""",
    # A Patient's standing resources with a code, without their bodies: (patient, type, code).
    "carried": """
        SELECT k.fhir_id FROM clinical c CROSS JOIN res r CROSS JOIN key k
        WHERE c.patient = ? AND c.type = ? AND c.code = ? AND r.row = c.row AND r.dead IS NULL
        AND r.op <> 2 AND k.id = r.key""",
    "decision_add": """
        INSERT INTO decision (id, reminder, at, campus, people, patient, item, outcome, reason,
                              result, result_version, source, placed, department, doctor,
                              valid_until, catalogue, price, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO NOTHING""",
    "decision": """
        SELECT id, reminder, at, campus, patient, placed, body FROM decision
        WHERE id = ?""",
}
