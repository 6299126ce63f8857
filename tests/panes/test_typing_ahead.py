"""In every pane: what is typed at once with a key that opens a dialog goes into that dialog, and
starts nothing else, however late the service answers."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input, TextArea

from tests.buckets import own_bucket, putting
from tests.driver import Driver, sandbox_services
from tests.faulty import Door, ServiceRequest, door
from tests.panes.dynamodb.conftest import make_table
from tests.panes.pane_app import PaneApp
from tui.panes.dynamodb.pane import DynamoPane
from tui.panes.pane import Pane
from tui.panes.s3.pane import S3Pane
from tui.panes.sql.pane import SqlPane
from tui.sandbox import SandboxInfo
from tui.services.aws import Account
from tui.services.dynamodb import DynamoService

NAMED = {":": "colon", "/": "slash", "-": "minus", "_": "underscore", " ": "space"}

TYPED = "xxx"
"""Deletes, in a pane; does nothing in a dialog without a field."""

SAID = "opened no dialog"


@pytest.fixture(autouse=True)
def no_system_clipboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.widgets.application.clipboard._system_copy", lambda text: None)


class Typist(Driver):
    """Types at once what a person types in a second."""

    def __init__(self, app: Any, pilot: Any, service: Service) -> None:
        super().__init__(app, pilot)
        self.service = service

    @property
    def pane(self) -> Pane:
        return cast("PaneApp[Pane]", self.app).pane

    def burst(self, *keys: str, text: str = "") -> None:
        """Some keys by their names, and a text."""
        for key in keys:
            self.app.post_message(Key(key, key if len(key) == 1 else None))
        for character in text:
            self.app.post_message(Key(NAMED.get(character, character), character))

    async def asks_or_opens(self) -> None:
        """Wait until a command asks the service, which does not answer yet, or opens its dialog."""
        await self.until(
            lambda: self.service.held or (self.dialogs and not self.keys_wait), "a request"
        )

    async def takes_all_keys(self) -> None:
        """Wait until the service has answered and no key waits for anything."""
        await self.until(lambda: not self.service.held and not self.keys_wait, "the keys")

    @property
    def keys_wait(self) -> bool:
        return self.app._key_queue.is_waiting

    @property
    def commands(self) -> list[str]:
        """The commands that are under way."""
        workers = [each for each in self.app.workers if not each.is_finished]
        return [each.group for each in workers if each.group.startswith("command")]

    @property
    def dialogs(self) -> list[Screen[Any]]:
        return self.app.screen_stack[1:]

    @property
    def typed(self) -> str:
        """What stands in the field that has the focus."""
        focused = self.app.screen.focused
        if isinstance(focused, Input):
            return focused.value
        return focused.text if isinstance(focused, TextArea) else ""


class Service:
    """The sandbox, which can be made to answer later."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.held = 0
        """Requests that it does not answer yet."""
        self._lock = threading.Lock()

    def intercept(self, request: ServiceRequest) -> None:
        self._hold(1)
        self.may_answer.wait()
        self._hold(-1)

    def _hold(self, more: int) -> None:
        with self._lock:
            self.held += more


@asynccontextmanager
async def typing(
    sandbox: SandboxInfo, tmp_path: Path, kind: type[Pane], location: str = ""
) -> AsyncIterator[Typist]:
    service = Service()
    with door(sandbox, service.intercept) as opened:
        services = sandbox_services(sandbox, tmp_path, endpoint_url=opened.url)
        app = PaneApp(kind(services), location)
        async with app.run_test(size=(120, 34), notifications=True) as pilot:
            try:
                yield Typist(app, pilot, service)
                assert changes(opened) == []
            finally:
                service.may_answer.set()
        services.close()


def changes(opened: Door) -> list[str]:
    return [each for each in opened.changes if not each.startswith("sts:")]


async def opens_late(typist: Typist, key: str, text: str) -> None:
    """Press a key and type behind it while the service does not answer."""
    typist.service.may_answer.clear()
    typist.burst(key, text=text)
    await typist.asks_or_opens()
    assert len(typist.dialogs) <= 1
    typist.service.may_answer.set()
    await typist.until(lambda: typist.dialogs, "a dialog")
    await typist.takes_all_keys()
    assert len(typist.dialogs) == 1
    assert len(typist.commands) <= 1, "what was typed began another"
    assert SAID not in typist.text


@pytest.fixture
def bucket(account: Account) -> str:
    name = own_bucket(account)
    putting(account, name)({"rows.csv": b"id,name\n1,Ada\n"})
    return name


@pytest.mark.parametrize("key", ["i", "l", "a", "y", "d", "u", "o", "x", "enter"])
async def test_s3(sandbox: SandboxInfo, tmp_path: Path, bucket: str, key: str) -> None:
    async with typing(sandbox, tmp_path, S3Pane, f"s3://{bucket}/") as typist:
        await typist.sees("rows.csv", "1 item")
        await opens_late(typist, key, TYPED)


@pytest.mark.parametrize("key", ["n", "i"])
async def test_s3_buckets(sandbox: SandboxInfo, tmp_path: Path, key: str) -> None:
    async with typing(sandbox, tmp_path, S3Pane) as typist:
        await typist.sees("Created (UTC)", "us-east-1")
        await opens_late(typist, key, "colder-alk-new-qdx")
        assert typist.typed == ("colder-alk-new-qdx" if key == "n" else "")


@pytest.mark.parametrize("key", [":", "/"])
async def test_inputs_of_a_pane(
    sandbox: SandboxInfo, tmp_path: Path, bucket: str, key: str
) -> None:
    async with typing(sandbox, tmp_path, S3Pane, f"s3://{bucket}/") as typist:
        await typist.sees("rows.csv", "1 item")
        cleared = [] if key == "/" else ["ctrl+u"]
        typist.burst(NAMED[key], *cleared, text="noxdrq")
        await typist.until(lambda: typist.typed == "noxdrq", "the text")
        assert typist.dialogs == []


@pytest.fixture
async def table(account: Account) -> AsyncIterator[str]:
    service = DynamoService(account)
    info = await make_table(service, '{"id": {"N": "1"}, "name": {"S": "Ada"}}')
    yield info.name
    service.close()


DYNAMO_TEXTS = {"n": True, "e": True, "ctrl+g": True, "ctrl+f": True}


@pytest.mark.parametrize("key", ["i", "y", "x", "enter", "n", "e", "ctrl+g", "ctrl+f"])
async def test_dynamodb(sandbox: SandboxInfo, tmp_path: Path, table: str, key: str) -> None:
    async with typing(sandbox, tmp_path, DynamoPane, f"dynamodb:{table}") as typist:
        await typist.sees("Ada", "1 item")
        await opens_late(typist, key, TYPED)
        if DYNAMO_TEXTS.get(key):
            assert TYPED in typist.typed


async def test_dynamodb_tables(sandbox: SandboxInfo, tmp_path: Path, table: str) -> None:
    async with typing(sandbox, tmp_path, DynamoPane) as typist:
        await typist.sees("ACTIVE")
        await opens_late(typist, "n", "users-qdx")
        assert typist.typed == "users-qdx"


async def test_sql(sandbox: SandboxInfo, tmp_path: Path) -> None:
    async with typing(sandbox, tmp_path, SqlPane) as typist:
        await typist.sees("tables and views")
        await opens_late(typist, "ctrl+o", "postgresql://quser")
        assert typist.typed == "postgresql://quser"


async def test_sql_rds(sandbox: SandboxInfo, tmp_path: Path) -> None:
    async with typing(sandbox, tmp_path, SqlPane) as typist:
        await typist.sees("tables and views")
        await typist.press("escape")
        await opens_late(typist, "n", "nalk-new-qdx")
        assert typist.typed == "alk-new-qdx"


async def test_what_opens_nothing_drops_what_was_typed_and_says_so(
    sandbox: SandboxInfo, tmp_path: Path, bucket: str
) -> None:
    async with typing(sandbox, tmp_path, S3Pane, f"s3://{bucket}/") as typist:
        await typist.sees("rows.csv", "1 item")
        typist.burst("t", text="xdq")  # nothing here is archived
        await typist.sees(SAID, "dropped")
        assert typist.dialogs == []


async def test_escape_gives_up_what_does_not_answer(
    sandbox: SandboxInfo, tmp_path: Path, bucket: str
) -> None:
    async with typing(sandbox, tmp_path, S3Pane, f"s3://{bucket}/") as typist:
        await typist.sees("rows.csv", "1 item")
        typist.service.may_answer.clear()
        typist.burst("i", text="xdq")
        await typist.asks_or_opens()
        typist.burst("escape")
        await typist.sees("Info: cancelled.")
        typist.burst("y")  # asks no service
        await typist.sees("Copy as")
        typist.service.may_answer.set()
        await typist.takes_all_keys()
        assert len(typist.dialogs) == 1
        assert len(typist.commands) <= 1
