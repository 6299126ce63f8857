"""The transfers screen: every upload and download of this session."""

from tui.screens.transfers.screen import TransfersScreen

__all__ = ["TransfersScreen"]
