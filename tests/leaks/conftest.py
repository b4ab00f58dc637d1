"""The two worlds, made once."""

import shutil

import pytest

from tests.leaks.world import fill, opened


@pytest.fixture(scope="session")
def worlds(tmp_path_factory):
    """A folder with hidden things and one without."""
    folder = tmp_path_factory.mktemp("worlds")
    fill(folder / "hiding", hiding=True)
    fill(folder / "plain", hiding=False)
    return folder


@pytest.fixture
async def both(worlds, tmp_path):
    for name in ("hiding", "plain"):
        shutil.copytree(worlds / name, tmp_path / name)
    async with opened(tmp_path / "hiding") as hiding, opened(tmp_path / "plain") as plain:
        yield hiding, plain
