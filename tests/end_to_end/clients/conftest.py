"""One gateway for the clients of others, with two campuses."""

from collections.abc import Iterator

import pytest

from tests.running import Gateway, gateway


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("clients") / "data"
    with gateway(folder) as running:
        running.campus("A")
        running.campus("B")
        yield running
