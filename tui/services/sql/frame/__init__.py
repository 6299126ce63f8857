"""A result as a pandas frame: in a Python session, or as a program that makes it."""

from tui.services.sql.frame.columns import FrameColumn, frame_columns
from tui.services.sql.frame.interpreter import Interpreter, find_interpreter
from tui.services.sql.frame.reaching import reaching
from tui.services.sql.frame.snippet import snippet
from tui.services.sql.frame.starting import FrameFiles

__all__ = [
    "FrameColumn",
    "FrameFiles",
    "Interpreter",
    "find_interpreter",
    "frame_columns",
    "reaching",
    "snippet",
]
