"""Statements that count what became of reminders, for those who must report it.

A reminder is all decisions of one `reminder`; it is of its first decision that was offered. What
is counted is a fact with a moment of its own: reminded, viewed, recognised and so on.
"""

WIDTH = 2048
"""How many codes of the catalogue one statement takes; the rest of its places is filled with -1."""

_OFFERED = "('shall-recognise', 'may-recognise', 'reread', 'context-critical')"
# (from, to, from, to)
_REMINDED = f"""
    touched(reminder) AS (
        SELECT reminder FROM decision WHERE at >= ? AND at < ?
        UNION
        SELECT d.reminder FROM decision_event e JOIN decision d ON d.id = e.decision
        WHERE e.said >= ? AND e.said < ?),
    listed AS (
        SELECT d.reminder, d.at, d.campus, d.source, d.department, d.doctor, d.item, d.result,
               d.price, row_number() OVER (PARTITION BY d.reminder ORDER BY d.at, d.id) AS place
        FROM touched x JOIN decision d ON d.reminder = x.reminder
        WHERE d.outcome IN {_OFFERED} AND d.source <> d.campus),
    reminded AS (SELECT * FROM listed WHERE place = 1),
    event AS (
        SELECT r.reminder, e.kind, e.said, e.reason, e.ticket,
               CASE e.kind WHEN 'recognised' THEN 1 WHEN 'not-recognised' THEN 2
                           WHEN 'quoted' THEN 3 WHEN 'revoked' THEN 4 ELSE 0 END AS rank
        FROM reminded r CROSS JOIN decision d CROSS JOIN decision_event e
        WHERE d.reminder = r.reminder AND e.decision = d.id),
    choice AS (
        SELECT * FROM (
            SELECT e.*, row_number() OVER (
                PARTITION BY reminder ORDER BY said DESC, rank DESC, ticket DESC) AS place
            FROM event e WHERE kind IN ('recognised', 'not-recognised', 'revoked')) c
        WHERE place = 1),
    quote AS (
        SELECT * FROM (
            SELECT e.*, row_number() OVER (
                PARTITION BY reminder ORDER BY said DESC, rank DESC, ticket DESC) AS place
            FROM event e WHERE kind IN ('quoted', 'revoked')) q
        WHERE place = 1 AND kind = 'quoted')"""

_WANTED = ", ".join(["(CAST(? AS BIGINT), CAST(? AS BIGINT))", *["(?, ?)"] * (WIDTH - 1)])
_STANDING = """EXISTS (SELECT 1 FROM sp_token s WHERE s.param = ? AND s.row = {row}
        AND s.value IN (?, ?, ?, ?))"""
# Rows of a type whose date begins in the period: (param, from, to), in ticks.
_DATED = """(SELECT d.row FROM sp_date d JOIN res x ON x.row = d.row AND x.dead IS NULL
             WHERE d.param = ? AND d.lo >= ? AND d.lo < ?)"""

STATEMENTS = {
    # (from, to, from, to, unanswered since, offset of the zone, from, to)
    "statistics_facts": f"""
        WITH {_REMINDED},
        fact(reminder, kind, moment, reason) AS (
            SELECT reminder, 'reminded', at, '' FROM reminded
            UNION ALL
            SELECT reminder, 'viewed', min(said), '' FROM event WHERE kind = 'viewed'
            GROUP BY reminder
            UNION ALL
            SELECT reminder, kind, said,
                   CASE WHEN kind = 'not-recognised' THEN reason ELSE '' END FROM choice
            UNION ALL
            SELECT reminder, 'quoted', said, '' FROM quote
            UNION ALL
            SELECT r.reminder, 'unanswered', r.at, '' FROM reminded r
            WHERE NOT EXISTS (SELECT 1 FROM choice c WHERE c.reminder = r.reminder)
            AND NOT EXISTS (SELECT 1 FROM quote q WHERE q.reminder = r.reminder)
            AND (r.at < ? OR EXISTS (
                SELECT 1 FROM event e WHERE e.reminder = r.reminder AND e.kind = 'ordered')))
        SELECT r.campus, r.source, r.department, r.doctor, r.item, f.reason,
               (f.moment + ?) / 86400000000 AS day, f.kind, count(*),
               sum(CASE WHEN f.kind = 'recognised' THEN coalesce(r.price, 0) ELSE 0 END)
        FROM fact f JOIN reminded r ON r.reminder = f.reminder
        WHERE f.moment >= ? AND f.moment < ?
        GROUP BY r.campus, r.source, r.department, r.doctor, r.item, f.reason, day, f.kind""",
    # Recognised results by receiving campus; a measurement counts as the report that it is in:
    # (from, to, from, to, param of DiagnosticReport.result, type Observation, from, to).
    "statistics_recognised": f"""
        WITH {_REMINDED},
        named AS (
            SELECT r.campus, coalesce('DiagnosticReport/' || (
                SELECT h.fhir_id FROM key k
                JOIN sp_reference p ON p.param = ? AND p.value = k.id
                JOIN res v ON v.row = p.row AND v.dead IS NULL JOIN key h ON h.id = v.key
                WHERE k.type = ? AND k.fhir_id = substr(r.result, 13)
                ORDER BY v.row LIMIT 1), r.result) AS name
            FROM choice c JOIN reminded r ON r.reminder = c.reminder
            WHERE c.kind = 'recognised' AND c.said >= ? AND c.said < ?)
        SELECT campus, count(DISTINCT name) FROM named GROUP BY campus""",
    # Reports of other campuses that are there for Patients who attended: (terms with the oldest
    # tick at which a report still counts, param and period of encounters, of orders, type, to,
    # param of the status and its terms).
    "statistics_existing": f"""
        WITH RECURSIVE wanted(code, oldest) AS MATERIALIZED (VALUES {_WANTED}),
        attended(campus, patient) AS (
            SELECT s.campus, s.value FROM sp_reference s WHERE s.param = ? AND s.row IN {_DATED}
            UNION
            SELECT s.campus, s.value FROM sp_reference s WHERE s.param = ? AND s.row IN {_DATED}),
        people(campus, patient) AS (
            SELECT campus, patient FROM attended
            UNION
            SELECT p.campus, b.patient FROM people p
            JOIN certain a ON a.patient = p.patient JOIN certain b ON b.holder = a.holder)
        SELECT p.campus, count(DISTINCT c.row)
        FROM people p CROSS JOIN clinical c CROSS JOIN wanted w CROSS JOIN res r
        WHERE c.patient = p.patient AND c.type = ? AND w.code = c.code AND -c.lo >= w.oldest
        AND c.lo > ? AND c.campus <> p.campus
        AND r.row = c.row AND r.dead IS NULL AND r.label = 0
        AND {_STANDING.format(row="c.row")}
        GROUP BY p.campus""",
    # Reports that each campus made itself, none of them written before it was made: (terms, param
    # of the code, oldest row, param of the date and period, status).
    "statistics_reported": f"""
        WITH wanted(code, oldest) AS (VALUES {_WANTED})
        SELECT t.campus, count(DISTINCT t.row) FROM wanted w CROSS JOIN sp_token t
        WHERE t.param = ? AND t.value = w.code AND t.row >= ? AND +t.row IN {_DATED}
        AND {_STANDING.format(row="t.row")}
        GROUP BY t.campus""",
    # Quality evidence in force within a period: (last day, first day).
    "statistics_evidence": """
        SELECT campus, scheme, scope, count(DISTINCT item) FROM evidence
        WHERE passed <> 0 AND starts <= ? AND ends >= ?
        GROUP BY campus, scheme, scope""",
}
