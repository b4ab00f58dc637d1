"""How a defect of ours is logged: by its kind and place; its text could quote a value."""

import traceback
from pathlib import Path


def where(error: BaseException) -> str:
    """Return the kind of an exception and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
