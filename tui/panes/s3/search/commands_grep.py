"""The command that searches inside objects."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tui.panes.s3.bucket.commands_bucket import has_bucket
from tui.panes.s3.entries import Entry, Prefix
from tui.panes.s3.search.commands_find import under
from tui.panes.s3.view import S3View
from tui.services.s3.search.grep import GrepQuery
from tui.services.s3.search.name_pattern import NamePattern
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.forms import FlagField, FormDialog, TextField, Values

_NOTE = "Every object is read, which costs requests and transfer; after 10 GiB you are asked again."

Search = tuple[GrepQuery, NamePattern | None]


async def _read(values: Values) -> Search:
    query = GrepQuery.of(
        values["text"],
        regex=bool(values["regex"]),
        ignore_case=bool(values["ignore_case"]),
        binary=bool(values["binary"]),
    )
    return query, NamePattern.parse(values["names"]) if values["names"] else None


@command(
    verbs.GREP,
    asks=True,
    when=has_bucket,
    instead="This searches inside objects of a bucket; there is none here.",
)
async def grep(view: S3View) -> None:
    """Search inside all objects under this prefix, or the marked ones, for a phrase or a regular
    expression; packed ones (gzip, bzip2, xz, zstd) are unpacked on the way. Hits come with key and
    line. Enter previews the object, p goes to it, Esc stops, then leaves."""
    from tui.panes.s3.search.grep_dialog import GrepDialog
    from tui.panes.s3.search.grepping import Grep

    place, browser = under(view), view.browser
    marked = not browser.location.is_root and bool(browser.listing.marked)
    entries: Sequence[Entry] = await browser.targets() if marked else [Prefix(place.prefix)]
    where = f"{len(entries):,} marked" if marked else f"objects under {place}"
    form = FormDialog[Search](
        f"Search inside {where}",
        [
            TextField("text", "Text", note=_NOTE),
            FlagField("regex", "Regular expression"),
            FlagField("ignore_case", "Ignore case", value=True),
            TextField("names", "Only in names like", placeholder="*.log or **/2024/* ; empty: all"),
            FlagField("binary", "Also in binary objects"),
        ],
        submit=_read,
        submit_label="Search",
        only_reads=True,
        enter_submits=True,
    )
    asked = await view.ask(form, follows=True)
    if asked is None:
        return
    make = partial(Grep, place.bucket, entries, *asked, base=place.folder)
    key = await view.ask(GrepDialog(browser.s3, make, where))
    if key is not None:
        view.go_to_key(place.bucket, key)
