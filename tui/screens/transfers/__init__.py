"""The transfers screen: every upload, download and copy of this session."""

from tui.screens.transfers.screen import TransfersScreen

__all__ = ["TransfersScreen"]
