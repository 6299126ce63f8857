"""The place of the catalog in the pane: beside the editor, where there is room."""

from __future__ import annotations

from tui.panes.detail_beside import ROOM
from tui.panes.sql.catalog.commands import Catalog
from tui.panes.sql.catalog.tree import CatalogTree
from tui.panes.sql.catalog.view import Wish
from tui.panes.sql.completing import CompletingEditor
from tui.panes.sql.connecting.connections_pane import ConnectionsPane
from tui.services.bundle import Services

CATALOG_WIDTH = 46
"""Columns of the catalog beside the editor; the style sheet says so, too."""


class CatalogPane(ConnectionsPane):
    """A pane at whose left the catalog can stand. Subclasses give the editor."""

    DEFAULT_CSS = """
    CatalogPane > Catalog { dock: left; width: 46; height: 1fr; display: none;
        border-right: solid $panel; }
    """

    editor: CompletingEditor

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.catalog = Catalog(CatalogTree(), self._wished)

    @property
    def has_room_beside(self) -> bool:
        """Whether the catalog can stand beside the editor."""
        return self._has_screen and self.size.width >= ROOM

    def show_catalog(self, on: bool, *, keep_focus: bool = False) -> None:
        """Show the catalog beside the editor and go there, or hide it and go to the editor."""
        self.catalog.display = on
        if on:
            self.catalog.begin()
            self.follow_session()
        else:
            self.catalog.end()
        if not keep_focus:
            (self.catalog.grid if on else self.editor).focus()
        self._fit_detail()

    def follow_session(self) -> None:
        """Show the catalog of the connection of now, if it is shown at all."""
        tree, session = self.runner.catalog, self.runner.session
        if self.catalog.model is not tree:
            self.catalog.follow(tree)
        if self.catalog.display:
            unread = tree.root.children is None and not tree.root.is_reading
            if tree.session is not session or unread:
                self.start(tree.take(session), group=f"sql-catalog-{id(tree)}")

    def read_catalog_again(self) -> None:
        """Something was created or dropped: read what is open again, if it is shown."""
        tree = self.runner.catalog
        if self.catalog.display and tree.root.children is not None:
            self.start(tree.refresh(), group=f"sql-catalog-{id(tree)}")

    def _fit_detail(self) -> None:
        if self.catalog.display and not self.has_room_beside:
            self.show_catalog(False, keep_focus=not self.catalog.grid.has_focus)
        taken = CATALOG_WIDTH if self.catalog.display else 0
        self.detail.turn(self._has_screen and self.size.width - taken >= ROOM + taken)

    def _wished(self, wish: Wish) -> None:
        """What was asked for in the catalog beside the editor."""
        self.start(self.fulfil(wish), group="sql-wish")

    async def fulfil(self, wish: Wish) -> None:
        """Do what was asked for in the catalog."""
        raise NotImplementedError
