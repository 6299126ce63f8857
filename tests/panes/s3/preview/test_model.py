"""What a preview shows of an object, without a screen."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field

import pytest

from tui.panes.s3.preview import moving
from tui.panes.s3.preview.limits import LARGEST
from tui.panes.s3.preview.model import LINES_BEFORE, PreviewModel, Shape
from tui.panes.s3.preview.search import begin_of
from tui.panes.s3.preview.text import margin_of
from tui.panes.s3.preview.wording import notes
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.objects import LIMIT, Beginning
from tui.services.s3.preview.text_search import find_text
from tui.services.s3.preview.window import END, START, ObjectPosition, Window


@dataclass
class OneObject:
    """A service with one object, that counts what is asked for."""

    data: bytes
    asked: list[tuple[int, int]] = field(default_factory=list)
    changed: bool = False

    async def read_head(
        self, bucket: str, key: str, limit: int = LIMIT, *, version_id: str = ""
    ) -> Beginning:
        return Beginning(bucket, key, self.data[:limit], len(self.data), "", "e")

    async def read_range(
        self, bucket: str, key: str, start: int, length: int, etag: str, version_id: str
    ) -> bytes:
        if self.changed:
            raise ServiceError("It was changed.", kind=ErrorKind.CHANGED)
        self.asked.append((start, length))
        return self.data[start : start + length]


async def shown(data: bytes, key: str = "big.log") -> tuple[PreviewModel, OneObject]:
    service = OneObject(data)
    model = PreviewModel(service, "bucket", key)  # type: ignore[arg-type]  # what it asks for
    await model.read()
    return model, service


def text_of(model: PreviewModel) -> str:
    assert model.shown is not None
    return model.shown.text


def window_of(model: PreviewModel) -> Window:
    assert model.window is not None
    return model.window


def labels(model: PreviewModel) -> list[str]:
    assert model.window is not None
    assert model.shown is not None
    margin = margin_of(model.window, model.shown)
    return [margin.label(at) for at in range(text_of(model).count("\n") + 1)]


def numbered(count: int) -> bytes:
    return b"".join(b"line %06d\n" % number for number in range(1, count + 1))


async def test_the_end_is_one_read_and_its_lines_show_their_bytes() -> None:
    data = numbered(200_000)
    model, service = await shown(data)
    await model.go(END)
    assert len(service.asked) == 1
    assert text_of(model).endswith("line 200000\n")
    assert model.top == -1
    assert model.window is not None
    assert model.window.line is None
    label = labels(model)[0]
    place = int(label[1:].replace(",", ""))
    assert data[place:].startswith(text_of(model)[:11].encode())
    assert any("- reads what stands before" in note for note in notes(model))
    await model.go(START)
    assert labels(model)[0] == "1"
    assert text_of(model).startswith("line 000001\n")


async def test_a_line_far_away_is_counted_and_numbered_truthfully() -> None:
    model, service = await shown(numbered(1_000_000))
    await model.go(ObjectPosition(line=900_001))
    assert text_of(model).startswith("line 900001\n")
    assert labels(model)[0] == "900,001"
    assert all(length <= moving.PART for _, length in service.asked)
    await model.go(ObjectPosition(line=900_003))
    assert model.top == 2
    await model.go(ObjectPosition(line=5))
    assert (text_of(model)[:12], labels(model)[0]) == ("line 000005\n", "5")


@pytest.mark.parametrize("key", ["big.log", "big.csv", "big.json", "big.log.gz"])
async def test_the_line_of_a_hit_is_shown_as_text_wherever_it_is(key: str) -> None:
    data = numbered(60_000)
    service = OneObject(gzip.compress(data) if key.endswith(".gz") else data)
    model = PreviewModel(service, "bucket", key)  # type: ignore[arg-type]  # what it asks for
    line = await model.read_at(50_000)
    assert model.shape is Shape.TEXT
    assert model.top == line - LINES_BEFORE
    assert text_of(model).split("\n")[line] == "line 050000"
    assert labels(model)[line] == "50,000"
    at = begin_of(text_of(model), line)
    assert find_text(text_of(model), "line 05", at - 1, 1, around=True) == at


async def test_a_hit_in_bytes_is_shown_from_their_beginning() -> None:
    service = OneObject(bytes(range(256)) * 2000)
    model = PreviewModel(service, "bucket", "x.bin")  # type: ignore[arg-type]  # what it asks for
    assert await model.read_at(9) == 0
    assert (model.shape, model.top) == (Shape.HEX, None)


async def test_a_line_that_does_not_exist_leads_to_the_end_and_says_so() -> None:
    model, _ = await shown(numbered(100_000))
    await model.go(ObjectPosition(line=100_002))
    assert text_of(model).endswith("line 100000\n")
    assert "only" in model.said


async def test_lines_are_not_counted_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "COUNTED", moving.PART)
    model, service = await shown(b"x" * 12_000_000)
    await model.go(ObjectPosition(line=2))
    assert len(service.asked) == 1
    assert "go by % or by byte" in model.said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("beyond", [-9, -4, -1, 0, 900_000])
async def test_a_text_is_looked_for_behind_the_window(
    encoding: str, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PART", 100_000)
    bom = "\ufeff".encode(encoding) if encoding != "utf-8" else b""
    unit = len("x".encode(encoding))
    at = LIMIT + beyond * unit
    data = bytearray(bom + (("ü" + "x" * 40 + "\n") * 40_000).encode(encoding))[:1_200_000]
    data[at : at + 10 * unit] = "\nMünchen\n".encode(encoding)
    model, service = await shown(bytes(data))
    assert await model.search_on("MÜNCHEN") is (beyond > -9)
    if beyond > -9:
        assert model.top is not None
        line = text_of(model).split("\n")[model.top]
        assert line == "München"
        assert not await model.search_on("MÜNCHEN")
    assert model.said == "“MÜNCHEN” is not found in the rest of the object."
    assert all(length <= LIMIT + 2**16 for _, length in service.asked)
    assert not model.moving.progress


async def test_a_text_is_not_looked_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "COUNTED", 1_000_000)
    monkeypatch.setattr(moving, "PART", 500_000)
    model, service = await shown(numbered(1_000_000))
    assert not await model.search_on("nowhere")
    assert "is not found up to" in model.said
    assert len(service.asked) < 4
    # Each time it is looked for where the time before ended.
    for _ in range(8):
        if await model.search_on("line 300000"):
            break
        assert "is not found up to" in model.said
    assert text_of(model).startswith("line 300000")
    assert len(service.asked) < 14


async def test_a_percentage_and_a_byte_are_found_without_reading_what_is_before() -> None:
    data = numbered(500_000)
    model, service = await shown(data)
    await model.go(ObjectPosition(percent=50))
    assert sum(length for _, length in service.asked) < 2 * LIMIT
    assert text_of(model).startswith("line 250")
    await model.go(ObjectPosition(offset=len(data) + 5))
    assert "only 6,000,000 bytes" in model.said


async def test_a_window_is_never_larger_than_its_limit() -> None:
    model, _ = await shown(numbered(600_000))
    for _ in range(20):
        await model.more(top=40_000)
        assert len(window_of(model).data) <= LARGEST
    assert not window_of(model).at_start
    assert text_of(model).startswith(f"line {window_of(model).line:06d}\n")
    start = window_of(model).start
    await model.before(top=0)
    assert window_of(model).start < start
    assert model.top is not None
    line = text_of(model).split("\n")[model.top]
    assert line == f"line {start // 12 + 1:06d}"


async def test_rows_in_the_middle_keep_the_names_of_the_columns() -> None:
    rows = b"".join(b"%d,v%d\n" % (number, number) for number in range(200_000))
    model, _ = await shown(b"id,value\n" + rows, "big.csv")
    assert model.table is not None
    assert model.table.columns == ["id", "value"]
    await model.go(ObjectPosition(percent=50))
    assert model.shape is Shape.DELIMITED
    assert model.table.columns == ["id", "value"]
    first = model.table.rows[0]
    assert first[1] == f"v{first[0]}"


async def test_bytes_in_hex_keep_their_offsets_anywhere() -> None:
    model, _ = await shown(bytes(range(256)) * 8_000, "x.bin")
    await model.go(ObjectPosition(offset=1_000_001))
    assert model.shape is Shape.HEX
    assert model.window is not None
    assert model.window.start == 1_000_000
    await model.go(END)
    assert (model.shape, model.window.start % 16) == (Shape.HEX, 0)


async def test_packed_data_says_what_cannot_be_reached() -> None:
    model, service = await shown(gzip.compress(numbered(50)), "a.log.gz")
    await model.go(ObjectPosition(line=7))
    assert (model.top, service.asked) == (6, [])
    await model.go(ObjectPosition(line=700))
    assert "only 51 lines" in model.said


async def test_an_object_that_changed_is_not_mixed() -> None:
    model, service = await shown(numbered(100_000))
    before = text_of(model)
    service.changed = True
    with pytest.raises(ServiceError):
        await model.go(END)
    assert text_of(model) == before


async def test_a_text_in_utf_16_is_read_in_the_middle() -> None:
    text = "".join(f"zeile ü {number:06d}\n" for number in range(60_000))
    model, _ = await shown(b"\xff\xfe" + text.encode("utf-16-le"), "a.txt")
    await model.go(ObjectPosition(percent=50))
    assert text_of(model).startswith("zeile ü 0")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "a.csv"),
        (b"\0" * 600_000, "a.py"),
        (b"\xef\xbb\xbf", "a.json"),
        (b"x" * 3_000_000, "one-line.py"),
        ("ü".encode() * 1_000_000, "one-line.txt"),
        (b"\xff" * 700_000, "a.txt"),
        (b'{"a": "' + b"x" * 900_000, "a.json"),
        (gzip.compress(b"a,bcdefg\n" * 70_000)[:-20], "a.csv.gz"),
        (b"\x1b[2J\x07\n" * 90_000, "a.sh"),
    ],
)
async def test_hostile_objects_can_be_moved_in(data: bytes, key: str) -> None:
    service = OneObject(data)
    model = PreviewModel(service, "bucket", key)  # type: ignore[arg-type]  # what it asks for
    await model.read()
    for place in (
        END,
        ObjectPosition(percent=50),
        ObjectPosition(line=3),
        ObjectPosition(offset=77),
        START,
    ):
        if model.may_move:
            await model.go(place)
        if model.may_go_on:
            await model.more()
        if model.may_go_back:
            await model.before()
    assert model.window is not None
    assert data[model.window.start : model.window.end] == model.window.data
