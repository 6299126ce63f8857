"""Cleanup: what the account holds in this region, and its removal."""

from tui.screens.cleanup.screen import CleanupScreen

__all__ = ["CleanupScreen"]
