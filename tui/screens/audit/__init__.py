"""The audit log as a table."""

from tui.screens.audit.screen import AuditScreen

__all__ = ["AuditScreen"]
