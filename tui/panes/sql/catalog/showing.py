"""The catalog beside the editor, or over the pane where there is no room; and what is done outside
of it at its keys."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from tui.panes.sql.catalog.commands import CatalogDialog
from tui.panes.sql.catalog.view import Wish
from tui.panes.sql.connecting import choosing
from tui.panes.sql.running.commands import RUNNING
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command

if TYPE_CHECKING:
    from tui.panes.sql.view import SqlView


def _has_session(view: SqlView) -> bool:
    return view.runner.session is not None


@command(
    verbs.CATALOG,
    footer=True,
    priority=True,
    asks=lambda view: not view.has_room_beside,
    when=_has_session,
    instead="There is no connection: Ctrl+O connects.",
)
async def catalog(view: SqlView) -> None:
    """Show the catalog of the database as a tree: schemas, tables, columns, indexes, functions,
    with sizes and definitions. In a zoomed pane it stands beside the editor."""
    session = view.runner.session
    if session is None:
        return
    view.follow_session()
    if view.has_room_beside:
        view.show_catalog(not view.catalog.display or not view.catalog.grid.has_focus)
        return
    wish = await view.ask(CatalogDialog(view.catalog.model, session))
    # One that was only left gives the focus back to where it was: in the rows letters are verbs.
    if wish is not None and (wish.connect or wish.run or wish.insert):
        await fulfil(view, wish)


async def fulfil(view: SqlView, wish: Wish) -> None:
    """Do what was asked for in the catalog."""
    if wish.connect:
        await _connect(view, wish.connect)
    elif wish.run and view.runner.running:
        view.hint(RUNNING)
    elif wish.run:
        view.results.grid.focus()
        await view.run_in_front(wish.run, on=view.runner)
    elif wish.insert:
        view.editor.insert(wish.insert)
        view.editor.focus()
    else:
        view.editor.focus()


async def _connect(view: SqlView, database: str) -> None:
    """Connect to another database of the same server, with what opened this one."""
    session, known = view.runner.session, view.runner.known
    if session is None or known is None:
        return
    target, secrets = known
    info = session.info
    parameters = MappingProxyType({**target.parameters, "dbname": database})
    label = f"postgres://{info.user}@{info.host}:{info.port}/{database}"
    await choosing.connect(
        view, replace(target, parameters=parameters, label=label), secrets, again=False
    )


CATALOG_COMMANDS = (catalog,)
