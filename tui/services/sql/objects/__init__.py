"""What is in a database: its objects branch by branch, and their definitions as SQL."""

from tui.services.sql.objects.branches import PAGE, branch, search
from tui.services.sql.objects.models import Branch, DbObject, Entry, Group, GroupOf, ObjectKind

__all__ = [
    "PAGE",
    "Branch",
    "DbObject",
    "Entry",
    "Group",
    "GroupOf",
    "ObjectKind",
    "branch",
    "search",
]
