import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared():
    folder = Path(os.environ.get("HUTONG_SHARED", "../shared")) / "data"
    if not folder.is_dir():
        pytest.skip("needs the shared data: HUTONG_SHARED")
    return folder
