"""Statements laid out in lines. Only white space changes: no token, no comment, no case."""

from tui.services.sql.formatting.formatter import formatted

__all__ = ["formatted"]
