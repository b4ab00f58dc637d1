"""A gateway filled with the population finds what bench/queries.json says, through links too."""

import pytest

from bench.asking import Server, ask
from bench.fill import Target, load
from bench.queries import count, queries
from fixtures.population import CAMPUSES
from tests.running import gateway

SIZE = 10_000


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with gateway(tmp_path_factory.mktemp("population") / "data") as running:
        for code in CAMPUSES:
            running.campus(code)
        loaded = load(Target(running.environment, running.tokens), SIZE)
        assert loaded.progress[-1][1] == SIZE
        found = Server(f"{running.url}/fhir", tuple(running.tokens.values()))
        yield found
        found.close()


def test_the_hits_in_the_file_are_those_of_the_population():
    counted = count(SIZE)
    assert {query.name: query.hits["10k"] for query in queries()} == counted


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)
def test_every_hit_is_found_and_no_more(server, query):
    found = ask(server, query, SIZE, knows_links=True)
    assert found.is_right, found
