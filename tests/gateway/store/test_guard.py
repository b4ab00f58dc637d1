"""The search of a conditional interaction, asked again by the writer."""

import pytest

from gateway.store import query as queries
from gateway.store.guard import pack, unpack
from gateway.store.records import Viewer

CLAUSES = (
    queries.Tokens((1, 2), (("urn:x", "1"), (None, "2"), ("", None)), is_code=True),
    queries.References((3,), ((4, "p1"), (0, "http://elsewhere.test/1"))),
    queries.Patients((5,), ("p1", "p2"), 87),
    queries.Dates((6,), (("ge", -(2**62), 2**62),)),
    queries.Strings((7,), (("prefix", "王"), ("exact", ""))),
    queries.Ids(("a", "b")),
    queries.Updated((("lt", 1, 2),)),
    queries.Campuses((0, 1)),
)


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda one: type(one).__name__)
def test_a_query_comes_out_as_it_went_in(clause):
    viewer = Viewer(3, break_glass=True, inactive=(4, 5))
    query = queries.Query(87, viewer, (clause, CLAUSES[0]), count=2)
    assert unpack(pack(query)) == query
