"""Enter on an object: a text, a table, bytes, or why not."""

from __future__ import annotations

import gzip
import io
import threading
from collections.abc import Iterator
from dataclasses import replace

import pyarrow
import pyarrow.parquet
import pytest
from PIL import Image
from textual.events import Key

from tests.buckets import Put
from tests.panes.s3.conftest import Browse, Person
from tui.panes.s3.preview import model as preview
from tui.panes.s3.preview.dialog import PreviewDialog
from tui.panes.s3.preview.model import Shape
from tui.panes.s3.preview.rows import read_table
from tui.panes.s3.preview.text_view import PreviewText
from tui.services.aws import Account
from tui.widgets.grid.grid import Grid


async def opened(person: Person) -> PreviewDialog:
    """Press Enter and wait until the preview is drawn."""
    await person.press("enter")
    await person.until(lambda: isinstance(person.app.screen, PreviewDialog), "the preview")
    await person.misses("Reading…")
    await person.sees("Esc Back")
    screen = person.app.screen
    assert isinstance(screen, PreviewDialog)
    return screen


async def test_a_text_is_shown_and_copied_as_it_is(browse: Browse, bucket: str, put: Put) -> None:
    text = "first [red]line[/]\n\ttabbed \x1b[31m\nü 😀\n"
    put({"notes.txt": text.encode()})
    async with browse(f"s3://{bucket}/") as person:
        await opened(person)
        await person.sees("first [red]line[/]", "ü 😀", "notes.txt")
        assert "\x1b" not in person.text
        await person.press("y")
        await person.until(lambda: person.window.copied == [text], "the copy")
        await person.press("escape")
        await person.sees("1 item")


CSV = 'id,name,note\n007,"Ada, ""Countess""",NA\n9007199254740993,[red]x,\n3\n'


async def test_a_csv_file_is_a_table_of_exactly_what_is_stored(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"people.csv": CSV.encode()})
    async with browse(f"s3://{bucket}/") as person:
        screen = await opened(person)
        await person.sees(
            "007",
            'Ada, "Countess"',
            "NA",
            "9007199254740993",
            "[red]x",
            "3 rows × 3 columns, separated by commas",
            "Rows with fewer fields",
        )
        grid = screen.query_one(Grid)
        assert [column.title for column in grid.columns] == ["id", "name", "note"]
        await person.press("right", "y")
        await person.until(lambda: person.window.copied == ['Ada, "Countess"'], "the copy")
        await person.press("enter")
        await person.sees("name, row 1")
        await person.press("escape", "H")
        await person.sees("4 rows × 3 columns")
        await person.press("t")
        await person.sees('007,"Ada, ""Countess""",NA')
        await person.press("t")
        await person.sees("4 rows × 3 columns")


async def test_a_packed_csv_file_is_unpacked(browse: Browse, bucket: str, put: Put) -> None:
    put({"people.csv.gz": gzip.compress(b"a;b\n1;2\n")})
    async with browse(f"s3://{bucket}/") as person:
        await opened(person)
        await person.sees("1 row × 2 columns, separated by semicolons", "Unpacked from gzip")


async def test_only_the_beginning_of_a_large_object_is_shown_and_that_is_said(
    browse: Browse, bucket: str, put: Put
) -> None:
    lines = "".join(f"{number},value\n" for number in range(60_000))
    put({"large.csv": lines.encode()})
    async with browse(f"s3://{bucket}/") as person:
        screen = await opened(person)
        await person.sees("Only the first 256.0 KiB", "+ rows × 2 columns")
        last = screen.query_one(Grid).rows[-1]
        assert last[1] == "value"


async def test_bytes_are_dumped(browse: Browse, bucket: str, put: Put) -> None:
    put({"x.bin": b"PK\x03\x04\x00[/]"})
    async with browse(f"s3://{bucket}/") as person:
        await opened(person)
        await person.sees("50 4b 03 04 00", "|PK...[/]|", "Binary")


async def test_an_empty_object_says_so(browse: Browse, bucket: str, put: Put) -> None:
    put({"empty.csv": b"", "folder/": b""})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("j")
        await opened(person)
        await person.sees("The object is empty: 0 bytes")
        await person.press("escape", "k", "enter")
        await person.sees("(the folder's own marker)")


async def test_an_object_that_is_gone_says_so(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    put({"gone": b"x"})
    async with browse(f"s3://{bucket}/") as person:
        account.connection.client("s3").delete_object(Bucket=bucket, Key="gone")
        await person.press("enter")
        await person.sees("Could not read", "NoSuchKey")
        await person.press("escape")
        await person.sees("1 item")


async def test_keys_do_nothing_before_there_is_anything(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    put({"gone": b"x"})
    async with browse(f"s3://{bucket}/") as person:
        account.connection.client("s3").delete_object(Bucket=bucket, Key="gone")
        await person.press("enter")
        await person.sees("NoSuchKey")
        for key in ("t", "H", "y", "w", "enter"):
            await person.press(key)
            await person.sees("NoSuchKey")
            assert not person.app.screen.query(PreviewText)


@pytest.fixture
def slow_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set it to let tables be read."""
    may_read = threading.Event()
    read = read_table

    def read_late(*arguments: object) -> object:
        may_read.wait()
        return read(*arguments)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(preview, "read_table", read_late)
    yield may_read
    may_read.set()


async def test_keys_that_come_before_the_table_wait_for_it(
    browse: Browse, bucket: str, put: Put, slow_table: threading.Event
) -> None:
    put({"people.csv": CSV.encode()})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("enter")
        await person.until(lambda: isinstance(person.app.screen, PreviewDialog), "the preview")
        screen = person.app.screen
        assert isinstance(screen, PreviewDialog)
        await person.until(
            lambda: screen.model.shape is Shape.DELIMITED, "the beginning of the object"
        )
        for action in ("cell", "copy", "table", "header", "wrap"):
            assert await person.app.run_action(action, screen) is False
        # By key it waits for the table.
        for key in ("right", "y"):
            # Not `press`, which would wait until they are taken.
            person.app.post_message(Key(key, key if key == "y" else None))
        await person.pilot.pause()
        assert person.window.copied == []
        slow_table.set()
        await person.sees("Countess", "3 rows × 3 columns")
        await person.until(lambda: 'Ada, "Countess"' in person.window.copied, "the copy")


async def test_keys_that_come_while_the_table_is_drawn_anew_do_no_harm(
    browse: Browse, bucket: str, put: Put, slow_table: threading.Event
) -> None:
    put({"people.csv": CSV.encode()})
    slow_table.set()
    async with browse(f"s3://{bucket}/") as person:
        await opened(person)
        await person.sees("3 rows × 3 columns")
        slow_table.clear()
        await person.press("H", "enter", "escape", "y")
        slow_table.set()
        await person.sees("4 rows × 3 columns")


async def test_each_kind_of_object_is_shown_as_what_it_is(
    browse: Browse, bucket: str, put: Put
) -> None:
    out = io.BytesIO()
    numbers = pyarrow.table({"n": pyarrow.array(range(1200)), "empty": pyarrow.nulls(1200)})
    pyarrow.parquet.write_table(numbers, out)
    put({"a.json": b'{"price": 1.10, "[b]": {"deep": null}', "b.parquet": out.getvalue()})
    image = io.BytesIO()
    Image.new("RGB", (40, 20), (255, 0, 0)).save(image, "PNG")
    put({"c.png": image.getvalue(), "d.png": image.getvalue()[:50]})
    async with browse(f"s3://{bucket}/") as person:
        await opened(person)
        await person.sees("price: 1.10", "[b]: {1}", "ends in the middle")
        await person.press("t")
        await person.sees('"deep": null')
        await person.press("escape", "j")
        screen = await opened(person)
        await person.sees("Parquet", "1,200 rows × 2 columns", "NULL")
        grid = screen.query_one(Grid)
        await person.press("i")
        await person.sees("Schema of b.parquet", "INT64", "SNAPPY", "1,200 rows in 1 row group")
        await person.press("escape", "G")
        await person.until(lambda: len(grid.rows) == 1000, "more rows")
        await person.press("G")
        await person.until(lambda: len(grid.rows) == 1200, "the last rows")
        await person.press("escape", "j", "enter")
        await person.sees("▀▀▀", "PNG · 40 × 20 pixels")
        await person.press("y", "+", "t", "escape", "j")
        await opened(person)
        await person.sees("picture file is damaged", "89 50 4e 47")


async def test_more_of_a_text_is_read_on_request_and_its_reading_chosen(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"a.csv": b"a;b,c\n1;2,3\n", "z.txt": b"caf\xe9 " * 60_000})
    async with browse(f"s3://{bucket}/") as person:
        await opened(person)
        await person.press("d")
        await person.sees("separated by")
        await person.press("escape", "j")
        await opened(person)
        await person.sees("Only the first 256.0 KiB", "+ reads more")
        await person.press("+")
        await person.misses("Only the first")
        await person.press("e")
        await person.sees("Read as utf-8, as chosen")


async def test_rows_asked_for_twice_are_read_once_and_none_is_lost(
    browse: Browse, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"n": pyarrow.array(range(3000))}), out)
    put({"n.parquet": out.getvalue()})
    async with browse(f"s3://{bucket}/") as person:
        screen = await opened(person)
        source, grid = screen.model.source, screen.query_one(Grid)
        assert source is not None
        may_read = threading.Event()
        read = source.read

        def read_late(count: int) -> list[list[str | None]]:
            may_read.wait()
            return read(count)

        monkeypatch.setattr(source, "read", read_late)
        screen.action_more()
        await person.press("G", "G")
        may_read.set()
        await person.until(lambda: len(grid.rows) > 500, "further rows")
        numbers = [row[0] for row in grid.rows]
        assert numbers == [str(number) for number in range(len(numbers))]


async def test_why_a_read_failed_is_gone_once_another_succeeds(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"long.txt": b"line\n" * 200_000})
    async with browse(f"s3://{bucket}/") as person:
        screen = await opened(person)
        window = screen.model.window
        assert window is not None
        screen.model.window = replace(window, of=replace(window.of, etag="0" * 32))
        await person.press("+")
        await person.sees("was changed while it was read")
        screen.model.window = window
        await person.press("+")
        await person.sees("the first 512.0 KiB")
        assert "was changed" not in person.text


async def test_a_person_moves_in_a_large_object(browse: Browse, bucket: str, put: Put) -> None:
    lines = b"".join(b"x%06d = %d  # note\n" % (number, number) for number in range(1, 60_001))
    put({"big.py": lines})
    async with browse(f"s3://{bucket}/") as person:
        await opened(person)
        await person.sees("1 x000001 = 1")
        await person.press("G")
        await person.sees("x060000 = 60000", "- reads what stands before", "@1,")
        await person.press("colon")
        await person.sees("Go to")
        await person.press(*"30000", "enter")
        await person.sees("30,000 x030000 = 30000", "30,001 x030001")
        await person.press("g")
        await person.sees("1 x000001 = 1", "+ reads more")
