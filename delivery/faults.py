"""What the log says of an exception: its words and its lines may quote the configuration or the message."""

from __future__ import annotations

import traceback


def described(error: BaseException) -> str:
    """Of what type it is, and where it came from: the innermost place first."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno}" for frame in reversed(frames)]
    return f"{type(error).__name__} at {' from '.join(places)}"
