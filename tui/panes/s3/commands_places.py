"""Commands that go back and forward, and to places that are kept."""

from __future__ import annotations

import asyncio

from tui.panes.s3.view import S3View
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Choice, Choose

TOGGLE = ""
"""The choice that keeps or forgets the present place."""


def can_go_back(view: S3View) -> bool:
    """Whether another place was left."""
    return view.trail.can_go_back


def can_go_forward(view: S3View) -> bool:
    """Whether a step back was made."""
    return view.trail.can_go_forward


@command(verbs.BACK, when=can_go_back, instead="No place was left yet.")
async def back(view: S3View) -> None:
    """Go back to the place before this one; the cursor returns to its row."""
    view.return_to(view.trail.back(view.browser.location))


@command(verbs.FORWARD, when=can_go_forward, instead="Nothing is ahead: b goes back.")
async def forward(view: S3View) -> None:
    """Go forward again, after a step back."""
    view.return_to(view.trail.forward(view.browser.location))


@command(verbs.BOOKMARKS, asks=True)
async def bookmarks(view: S3View) -> None:
    """Keep this place, or forget it; go to a place that is kept, or that was typed before. In the
    line of `:`, the arrows up and down recall what was typed."""
    places, here = view.places, str(view.browser.location)
    await asyncio.to_thread(places.read)
    kept = here in places.bookmarks
    label = "Forget this place" if kept else "Keep this place"
    choices = [Choice(TOGGLE, label, note=here, key="+")]
    choices += [Choice(each, each, note="bookmark") for each in places.bookmarks]
    recent = [each for each in reversed(places.recent) if each not in places.bookmarks]
    choices += [Choice(each, each, note="typed before") for each in recent]
    chosen = await view.ask(Choose("Places", choices))
    if chosen == TOGGLE:
        is_kept = await asyncio.to_thread(places.toggle_bookmark, here)
        view.hint(f"{'Kept' if is_kept else 'Forgotten'}: {here}")
    elif chosen is not None:
        view.open(chosen)
