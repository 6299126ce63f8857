"""The definition of an object as SQL that makes it again."""

from tui.services.sql.ddl.definition import definition

__all__ = ["definition"]
