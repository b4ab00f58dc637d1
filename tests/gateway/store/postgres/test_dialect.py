"""SQL in PostgreSQL's words."""

import pytest

from gateway.store.postgres.dialect import translated

TOLD = {
    "SELECT id FROM key WHERE type = ? AND fhir_id = ?": (
        "SELECT id FROM key WHERE type = $1 AND fhir_id = $2"
    ),
    "SELECT '?' FROM a WHERE b = ?": "SELECT '?' FROM a WHERE b = $1",
    "FROM res v CROSS JOIN res r ON r.key = v.key CROSS JOIN key k": (
        "FROM res v JOIN res r ON r.key = v.key CROSS JOIN key k"
    ),
    "FROM a CROSS JOIN b CROSS JOIN c ON c.x = b.x": "FROM a CROSS JOIN b JOIN c ON c.x = b.x",
    "WHERE instr(folded, ?) > 0": "WHERE strpos(folded, $1) > 0",
    "WHERE a = ? AND folded >= ? AND folded < ? AND b = ?": (
        "WHERE a = $1 AND left(folded, 400) >= left($2, 400) AND left(folded, 400) < $3"
        " AND folded >= $2 AND folded < $3 AND b = $4"
    ),
    "WHERE a IN (?) AND b IN (?,?,?) AND c NOT IN (?, ?) AND d = ?": (
        "WHERE a IN ($1) AND b = ANY ($2) AND c <> ALL ($3) AND d = $4"
    ),
    "SELECT coalesce(max(row), 0) FROM res": "SELECT coalesce(last_row(), 0)",
    "FROM f CROSS JOIN res q1 ON q1.key IN (WITH RECURSIVE linked(a) AS (SELECT 1)"
    " SELECT patient FROM linked) WHERE b = ?": (
        "FROM f JOIN LATERAL (WITH RECURSIVE linked(a) AS (SELECT 1) SELECT patient FROM linked)"
        " q1_of ON true JOIN res q1 ON q1.key = q1_of.patient WHERE b = $1"
    ),
    "NOT EXISTS (SELECT 1 FROM a WHERE (x = ')') OR EXISTS (SELECT 1 FROM b)) AND y = ?": (
        "NOT EXISTS (SELECT 1 FROM a WHERE (x = ')') OR EXISTS (SELECT 1 FROM b OFFSET 0) OFFSET 0)"
        " AND y = $1"
    ),
}


@pytest.mark.parametrize("sql", TOLD)
def test_what_differs_is_told_in_its_words(sql):
    assert translated(sql).text == TOLD[sql]


def test_lists_of_any_length_are_one_statement():
    few, many = (translated(f"WHERE a = ? AND b IN ({','.join('?' * size)})") for size in (2, 50))
    assert few.text == many.text
    assert (few.places, many.places) == ((1, 2), (1, 50))
