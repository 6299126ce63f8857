"""The cleanup screens: inventory, plan, run and report."""

from tui.screens.cleanup.inventory_screen import CleanupScreen

__all__ = ["CleanupScreen"]
