"""The walkthrough of the README by keys alone: from an empty bucket to an empty account."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.driver import Driver, running, sandbox_services
from tui.sandbox import SandboxInfo
from tui.screens.cleanup import CleanupScreen
from tui.services.bundle import Services
from tui.services.cleanup import Step
from tui.services.s3 import S3Location

FILES = {
    "test.txt": b"hello\r\nwith a second line, and no newline at the end",
    "python/test.py": b'print("hello")\n',
    "csv/file1.csv": 'id,name,city\n1,Ada,London\n2,Gr\u00fc\u00dfe,"New York, NY"\n'.encode(),
    "csv/file2.csv": b"id,amount\n1,10.50\n2,3.25\n",
    "csv/notes.md": b"not a CSV file\n",
}

BUCKET = "walkthrough-by-keys"
INSTANCE = "walk-db"
TABLE = "users"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the application is started in, with the files of the walkthrough."""
    here = tmp_path / "walk"
    for name, body in FILES.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    monkeypatch.chdir(here)
    return here


async def test_the_whole_walkthrough(
    fresh_sandbox: SandboxInfo, folder: Path, tmp_path: Path
) -> None:
    services = sandbox_services(fresh_sandbox, tmp_path)
    async with running(services) as driver:
        await driver.sees("tristore-walkthrough", "tutorial", "ACTIVE")
        await create_a_bucket(driver)
        await upload_the_files(driver)
        await look_at_what_is_there(driver, services)
        await download_a_file(driver, tmp_path)
        await change_the_public_access(driver, services)
        await create_an_instance(driver)
        await work_in_its_database(driver)
        await work_in_a_table(driver)
        await remove_everything(driver)
        await nothing_is_left(driver, services)


async def create_a_bucket(driver: Driver) -> None:
    await driver.press("f2", "n")
    await driver.sees("New bucket")
    await driver.type("No")
    await driver.sees("At least 3 characters", "not 'N'")
    await driver.press("backspace", "backspace")
    await driver.type(BUCKET)
    await driver.press("ctrl+s")
    await driver.sees(f"Created {BUCKET}", "4 buckets")
    await driver.press("enter")
    await driver.sees(f"s3://{BUCKET}/", "Nothing here yet")


async def upload_the_files(driver: Driver) -> None:
    # A file to the top.
    await driver.press("u")
    await driver.sees("choose files and folders", "csv/", "test.txt")
    await driver.press("G", "enter")
    await driver.sees("1 file, 52 B", "new")
    await driver.press("ctrl+s")
    await driver.sees("1 item ", "STANDARD")
    # A file into a folder, which appears by itself.
    await driver.press("u")
    await driver.sees("choose files and folders", "python/")
    await driver.press("down", "enter")
    await driver.sees("test.py")
    await driver.press("enter")
    await driver.sees("1 file, 15 B")
    await driver.type("python/")
    await driver.sees("python/test.py")
    await driver.press("ctrl+s")
    await driver.sees("2 items")
    # A folder, of which the patterns leave the two CSV files.
    await driver.press("u")
    await driver.sees("choose files and folders", "test.py")
    await driver.press("backspace")
    await driver.sees("csv/")
    await driver.press("g", "space", "u")
    await driver.sees("3 files")
    await driver.press("tab", "tab")
    await driver.type('--exclude "*" --include "file*"')
    await driver.sees("2 files", "1 left out by --exclude", "csv/file1.csv", "csv/file2.csv")
    await driver.press("ctrl+s")
    await driver.sees("3 items")


async def look_at_what_is_there(driver: Driver, services: Services) -> None:
    page = await services.s3.list_page(S3Location(BUCKET))
    assert [each.key for each in page.objects] == ["test.txt"]
    assert page.prefixes == ("csv/", "python/")
    await driver.press("g", "enter")
    await driver.sees("file1.csv", "2 items")
    await driver.press("enter")
    await driver.sees("city", "New York, NY", "Grüße", "2 rows × 3 columns")
    await driver.press("escape")
    await driver.misses("2 rows × 3 columns")


async def download_a_file(driver: Driver, tmp_path: Path) -> None:
    target = tmp_path / "downloaded"
    target.mkdir()
    await driver.press("d")
    await driver.sees("choose a folder")
    await driver.press("ctrl+l")
    await driver.press("ctrl+u")
    await driver.type(str(target))
    await driver.press("enter")
    await driver.sees("downloaded", "0 entries")
    await driver.press("d")
    await driver.sees("1 file", "What happens")
    await driver.press("ctrl+s")
    arrived = target / "file1.csv"
    await driver.until(arrived.exists, "the downloaded file")
    assert arrived.read_bytes() == FILES["csv/file1.csv"]
    await driver.press("l")
    await driver.sees("Link that expires")
    await driver.press("1")
    await driver.sees("X-Amz-Expires=3600", "works until")
    await driver.press("escape")


async def change_the_public_access(driver: Driver, services: Services) -> None:
    await driver.press("a")
    await driver.sees(f"Public access block of {BUCKET}", "Now: on (all four)")
    await driver.press("space", "ctrl+s")
    await driver.sees(f"Let {BUCKET} become public?", "Turn off")
    await driver.press("tab", "enter")
    await driver.misses("Turn off")
    await driver.sees(f"Public access block of {BUCKET}:")
    block = await services.s3.public_access_block(BUCKET)
    assert block is not None
    assert not block.block_acls
    assert block.block_policy


async def create_an_instance(driver: Driver) -> None:
    await driver.press("f3", "ctrl+o")
    await driver.sees("Connect to", "Keys of the list")
    await driver.press("tab", "i")
    await driver.sees("tutorial-db", "New instance")
    await driver.press("n")
    await driver.sees("Create an RDS instance", "Identifier")
    await driver.type(f"{INSTANCE}\n\n")
    driver.app.screen.query_one("#field-public").focus()
    await driver.sees("Public access")
    await driver.press("space")
    driver.app.screen.query_one("#field-database").focus()
    await driver.type("walk")
    await driver.press("ctrl+s")
    await driver.sees("Create this instance?", INSTANCE, "its name resolves on the internet")
    await driver.press("tab", "enter")
    await driver.sees(f"Master password of {INSTANCE}", "generated for the user postgres")
    await driver.press("escape")
    await driver.sees(f"{INSTANCE} is available", "Add an inbound rule")
    await driver.press("w")
    await driver.sees("lets nobody in", "An address or a range")
    await driver.press("tab")
    await driver.type("127.0.0.1\n")
    await driver.sees("is now open to 127.0.0.1/32", "/walk", "no tables yet")


async def work_in_its_database(driver: Driver) -> None:
    await statement(driver, "CREATE TABLE users (id int PRIMARY KEY, name text);", "CREATE TABLE ·")
    await statement(driver, "INSERT INTO users VALUES (1, 'Ada'), (2, NULL);", "INSERT 0 2")
    await statement(driver, "SELECT * FROM users ORDER BY id;", "SELECT 2", "Ada", "NULL")
    await statement(driver, "selec 1;", 'Line 1, column 1: Syntax error at or near "selec"')
    # After a second the server works on it, not only the way to it.
    await statement(driver, "SELECT pg_sleep(60);", "Esc cancels")
    await driver.until(lambda: re.search(r" [1-9]\.\d s · Esc cancels", driver.text), "a second")
    await driver.press("escape")
    await driver.sees("the server stopped the statement")


async def statement(driver: Driver, text: str, *answers: str) -> None:
    await driver.press("f3", "ctrl+end")
    while driver.app.workspace.frame("sql").pane.editor.text:
        await driver.press("ctrl+u", "backspace")
    await driver.type(text)
    await driver.press("f5")
    await driver.sees(*answers)


async def work_in_a_table(driver: Driver) -> None:
    await driver.press("f4", "n")
    await driver.sees("New table", "Partition key")
    await driver.type(TABLE)
    await driver.press("ctrl+s")
    await driver.sees(f"{TABLE} is active")
    await driver.press("enter")
    await driver.sees(f"dynamodb:{TABLE}", "The table is empty")
    await put_item(driver, '{"id": 1, "name": "Ada", "tags": ["x", "y"]}', "1 item ")
    await put_item(driver, '{"id": {"N": "2"}, "price": {"N": "19.90"}}', "2 items", "19.90")
    await driver.press("ctrl+g")
    await driver.sees("Get an item by its key")
    await driver.type("2\n")
    await driver.sees('"price": {"N": "19.90"}', "read by its key just now")
    await driver.press("escape")
    await driver.press("e")
    await driver.sees("Edit an item")
    await driver.press("ctrl+a")
    await driver.type('{"id": 2, "price": 21}')
    await driver.press("ctrl+s")
    # The row is read anew before it is deleted.
    await driver.misses("Edit an item", "19.90")
    await driver.press("x")
    await driver.sees('"price": {"N": "21"}', "Delete")
    await driver.press("tab", "enter")
    # The table is not empty: only this key has no item any more.
    await driver.sees("No item has this key")
    await driver.press("backspace")
    await driver.sees("1 item ", "Ada")


async def put_item(driver: Driver, text: str, *answers: str) -> None:
    await driver.press("n")
    await driver.sees("New item in")
    await driver.press("ctrl+a")
    await driver.type(text)
    await driver.press("ctrl+s")
    await driver.misses("New item in")
    await driver.sees(*answers)


async def remove_everything(driver: Driver) -> None:
    await driver.press("f8")
    await driver.sees("4 buckets, 2 RDS instances, 3 tables, 1 inbound rule")
    await driver.press("asterisk")
    await driver.sees("10 marked")
    await driver.press("x")
    await driver.sees("10 resources will go", "keep snapshot")
    for name in ("tutorial-db", "walk-db"):
        await no_snapshot(driver, name)
    await driver.misses("keep snapshot")
    await driver.press("x")
    await driver.sees("This cannot be undone", "delete 10")
    await driver.type("delete 10\n")
    await driver.sees("10 resources: 10 deleted", "Cleanup report")
    await driver.press("enter")
    await driver.sees("Nothing left in this region")


async def no_snapshot(driver: Driver, name: str) -> None:
    """Choose for an instance of the plan that no snapshot is kept."""
    screen = driver.app.screen
    assert isinstance(screen, CleanupScreen)
    names = [row.resource.name for row in screen.rows if isinstance(row, Step)]
    while screen.grid.cursor_row < names.index(name):
        await driver.press("down")
    await driver.sees(f"RDS instance {name}", "A final snapshot")
    await driver.press("e")
    await driver.sees("Delete without a final snapshot")
    await driver.press("n")
    await driver.misses("What happens to")


async def nothing_is_left(driver: Driver, services: Services) -> None:
    await driver.press("escape")
    # What is gone is gone from the panes as well.
    await driver.misses(BUCKET, TABLE, "tristore-walkthrough")
    await driver.sees("No buckets", "No tables")
    assert (await services.s3.list_buckets()).buckets == ()
    assert await services.dynamodb.list_tables() == ()
    assert [page.instances async for page in services.rds.list_instances()] == [()]
