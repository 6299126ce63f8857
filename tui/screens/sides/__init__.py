"""Files of this machine beside a prefix: what is marked on one side is sent to the other."""

from tui.screens.sides.screen import SidesScreen

__all__ = ["SidesScreen"]
