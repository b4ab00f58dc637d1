"""Statements that walk through everything of a type as it stood at a row (a moment).

Who may see a version is decided by what is current: `r`. `?` pairs such as (all, campus) take
every campus's rows or one's.
"""

_WALK = """
    FROM res v JOIN res r ON r.key = v.key AND r.dead IS NULL JOIN key k ON k.id = v.key
    WHERE v.type = ? AND v.row > ? AND v.row <= ? AND (v.dead IS NULL OR v.dead > ?)
      AND (? = 1 OR r.campus = ?)"""

STATEMENTS = {
    # (type, after, mark, mark, all, campus, limit); the body's length stands in its place.
    "walk": f"""
        SELECT k.type, k.fhir_id, v.version, v.row, r.campus, v.op, v.hole, v.codec,
               length(v.body), v.key, r.label
        {_WALK} AND v.op <> 2 AND r.op <> 2 ORDER BY v.row LIMIT ?""",
    # What is gone, and stands as gone.
    "walk_deleted": f"""
        SELECT k.type, k.fhir_id, v.version, v.row, r.campus, v.op, v.hole, v.codec,
               length(v.body), v.key, r.label
        {_WALK} AND v.op = 2 AND v.dead IS NULL ORDER BY v.row LIMIT ?""",
    # What is in a page of such a walk: type, first and last row, mark, then as above. With it how
    # the resource is labelled now, and whether another version is current.
    "walk_bodies": """
        SELECT v.row, v.body, r.label, r.row <> v.row
        FROM res v JOIN res r ON r.key = v.key AND r.dead IS NULL
        WHERE v.type = ? AND v.row >= ? AND v.row <= ? AND (v.dead IS NULL OR v.dead > ?)
          AND v.op <> 2 AND r.op <> 2 AND (? = 1 OR r.campus = ?)""",
    # To whom a page's resources refer: (type of whom, type, first, last, mark).
    "walk_references": """
        SELECT v.row, s.param, s.value
        FROM res v JOIN res r ON r.key = v.key AND r.dead IS NULL
        JOIN sp_reference s ON s.row = r.row JOIN key t ON t.id = s.value AND t.type = ?
        WHERE v.type = ? AND v.row >= ? AND v.row <= ? AND (v.dead IS NULL OR v.dead > ?)""",
    "walk_count": "SELECT count(*) FROM res WHERE type = ? AND row > ? AND row <= ?",
}
