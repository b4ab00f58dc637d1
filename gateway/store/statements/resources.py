"""Statements on resources, their keys and links."""

from gateway.fhir.definitions import TYPE_NAMES
from gateway.store.query import MAX_WORDS
from gateway.store.records import RESTRICTED

STORED = "k.type, k.fhir_id, r.version, r.row, r.campus, r.op, r.hole, r.codec, r.body, r.key"

SELF_NAMED = "r.version, r.campus, r.op, r.hole, r.codec, r.body, r.key, r.label"
"""What the place of a version does not tell; nor the id, which the body has too: `self_named`."""

OWN = STORED.removeprefix("k.type, k.fhir_id, ") + ", r.label"
"""What is left of a version where its type and id are known."""
_BY_KEY = f"SELECT {OWN} FROM res r WHERE r.key = ? AND r.dead IS NULL"
FEW = 4
BY_KEYS = {count: " UNION ALL ".join([_BY_KEY] * count) for count in range(1, FEW + 1)}
"""The current versions of a few by their keys, each for itself: an IN makes a table of them."""

SIZES = (1, 8, 32, 128)
"""Of how many resources the current versions are asked for: few texts, so each stays prepared."""

NAMING = 12
"""Through how many references a resource is asked for who names it."""

STATEMENTS = {
    "current": f"""
        SELECT {STORED}, r.label FROM key k JOIN res r ON r.key = k.id AND r.dead IS NULL
        WHERE k.type = ? AND k.fhir_id = ?""",
    **{
        f"current_of_{size}": f"""
        SELECT {STORED}, r.label FROM key k CROSS JOIN res r
        WHERE r.key = k.id AND r.dead IS NULL
        AND k.type = ? AND k.fhir_id IN ({", ".join("?" * size)})"""
        for size in SIZES
    },
    "current_by_key": f"""
        SELECT {STORED}, r.label FROM res r JOIN key k ON k.id = r.key
        WHERE r.key = ? AND r.dead IS NULL""",
    "current_by_row": f"""
        SELECT {STORED}, r.label, r.dead FROM res r JOIN key k ON k.id = r.key WHERE r.row = ?""",
    "version": f"""
        SELECT {STORED}, r.label FROM key k JOIN res r ON r.key = k.id AND r.version = ?
        WHERE k.type = ? AND k.fhir_id = ?""",
    "history": f"""
        SELECT {STORED}, r.label FROM res r JOIN key k ON k.id = r.key
        WHERE r.key = ? AND r.version < ? ORDER BY r.version DESC LIMIT ?""",
    "key_id": "SELECT id FROM key WHERE type = ? AND fhir_id = ?",
    # The types are told, since the index of keys begins with them.
    "keys_named": f"""
        SELECT type, id FROM key
        WHERE fhir_id = ? AND type IN ({", ".join(map(str, TYPE_NAMES))})""",
    "key_name": "SELECT type, fhir_id FROM key WHERE id = ?",
    # The same of many at once.
    **{
        f"key_ids_of_{size}": f"""
        SELECT fhir_id, id FROM key WHERE type = ? AND fhir_id IN ({", ".join("?" * size)})"""
        for size in SIZES
    },
    **{
        f"key_names_of_{size}": f"""
        SELECT id, type, fhir_id FROM key WHERE id IN ({", ".join("?" * size)})"""
        for size in SIZES
    },
    "audience_of": "SELECT campus FROM audience WHERE key = ?",
    "digest": """
        SELECT r.digest, r.version, r.campus, r.op FROM key k
        JOIN res r ON r.key = k.id AND r.dead IS NULL WHERE k.type = ? AND k.fhir_id = ?""",
    **{
        f"digests_of_{size}": f"""
        SELECT k.fhir_id, r.version, r.digest FROM key k CROSS JOIN res r
        WHERE r.key = k.id AND r.dead IS NULL
        AND k.type = ? AND k.fhir_id IN ({", ".join("?" * size)})"""
        for size in SIZES
    },
    "by_business_key": """
        SELECT k.fhir_id FROM term t JOIN system s ON s.id = t.system
        JOIN business_key b ON b.type = ? AND b.term = t.id AND b.campus = ?
        JOIN key k ON k.id = b.key
        WHERE t.code = ? AND s.uri = ?""",
    "system_id": "SELECT id FROM system WHERE uri = ?",
    "term_id": "SELECT id FROM term WHERE code = ? AND system = ?",
    "terms_of_code": "SELECT id FROM term WHERE code = ?",
    **{
        f"passages_of_{count}": f"""
        SELECT id FROM passage WHERE {" AND ".join(["instr(folded, ?) > 0"] * count)} LIMIT ?"""
        for count in range(1, MAX_WORDS + 1)
    },
    "word_exact": "SELECT id FROM word WHERE text = ?",
    "holders_of": "SELECT holder FROM certain WHERE patient = ?",
    # Whom each of many joins, all by name.
    **{
        f"joined_by_{size}": f"""
        SELECT h.fhir_id, p.fhir_id FROM key h CROSS JOIN certain c CROSS JOIN key p
        WHERE c.holder = h.id AND p.id = c.patient
        AND h.type = ? AND h.fhir_id IN ({", ".join("?" * size)})"""
        for size in SIZES
    },
    "outbox_after": """
        SELECT row, type, key, campus, op FROM outbox WHERE row > ? ORDER BY row LIMIT ?""",
    # How far each of those who read the outbox came; whom nobody subscribes to holds up nothing.
    "outbox_readers": """
        SELECT name, value FROM setting WHERE name = 'followed'
        OR (name = 'told' AND EXISTS (SELECT 1 FROM subscription WHERE start > 0))""",
    "keys_of_row": "SELECT keys FROM res WHERE row = ?",
    "sort_term": "SELECT code FROM term WHERE id = ?",
    "sort_key": "SELECT fhir_id FROM key WHERE id = ?",
    "sort_word": "SELECT folded FROM word WHERE id = ?",
    "sort_uri": "SELECT uri FROM system WHERE id = ?",
    "sort_id": "SELECT k.fhir_id FROM res r JOIN key k ON k.id = r.key WHERE r.row = ?",
    "referring": """
        SELECT DISTINCT s.row FROM sp_reference s CROSS JOIN res r ON r.row = s.row
        WHERE s.param = ? AND s.value = ? AND r.dead IS NULL
        ORDER BY s.row DESC LIMIT ?""",
    # What is hidden and refers to one of many keys: (params, keys), each with the key.
    **{
        f"hiding_of_{size}": f"""
        SELECT s.value, {STORED}, r.label
        FROM sp_reference s CROSS JOIN res r ON r.row = s.row CROSS JOIN key k ON k.id = r.key
        WHERE s.param = ? AND s.value IN ({", ".join("?" * size)})
        AND r.dead IS NULL AND r.label = {RESTRICTED}"""
        for size in SIZES
    },
    # Whether one of many resources is named by what is newer than a row: (type, ids, params, row).
    **{
        f"named_since_{size}": f"""
        SELECT 1 FROM key k CROSS JOIN sp_reference s CROSS JOIN res r
        WHERE s.value = k.id AND r.row = s.row AND r.dead IS NULL
        AND k.type = ? AND k.fhir_id IN ({", ".join("?" * size)})
        AND s.param IN ({", ".join("?" * NAMING)}) AND s.row > ? LIMIT 1"""
        for size in SIZES
    },
    "to_index": f"""
        SELECT {STORED}, r.label FROM res r JOIN key k ON k.id = r.key
        WHERE r.row > ? AND r.dead IS NULL AND r.op <> 2
          AND (? = 1 OR NOT EXISTS (SELECT 1 FROM indexed i WHERE i.row = r.row))
        ORDER BY r.row LIMIT ?""",
    "last_row": "SELECT coalesce(max(row), 0) FROM res",
}
