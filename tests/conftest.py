"""The sandbox for every test that needs one, and an environment that leads nowhere real."""

from __future__ import annotations

import gc
import inspect
import os
import re
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests import idle_loop, shared_sdk, shared_styles
from tests.bounded import bounded
from tests.starting import starts_application
from tui.sandbox import Sandbox, SandboxInfo, scrub_environment
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target

COLLECTED_AT_ONCE = 16
"""Applications that end before their memory is freed: to look for it takes a fifth of a second, and
each holds about 10 MB."""

FROZEN = 4
"""After so many of these looks, what is alive is not looked at again: what is loaded late, such as
the SDK's models, is most of it by then."""

# Until everything is imported there is little to collect, and it is looked for ever again.
gc.disable()

_ended = count(1)
_folders = count(1)

# Before the first SDK session of this process: no test can reach a real account.
scrub_environment()
# Nor the keyring of whoever runs the tests.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# A shell that starts the tests in the background has SIGINT ignored, and every program that a test
# starts would inherit that: a test that interrupts one would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

idle_loop.install()
shared_styles.install()
shared_sdk.install()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the sandbox and what starts an application, so that the rest can be run alone
    (`make test-fast`), and let no test wait without end."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if "running_sandbox" in item.fixturenames:
            item.add_marker(pytest.mark.sandbox)
        fixtures = [each[-1].func for each in item._fixtureinfo.name2fixturedefs.values()]
        if any(starts_application(each) for each in (item.function, *fixtures)):
            item.add_marker(pytest.mark.application)
        if inspect.iscoroutinefunction(item.obj):
            item.obj = bounded(item.obj)


@pytest.fixture(autouse=True)
def only_marked_tests_start_an_application(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keeps the mark honest: an application that starts in a test without the mark fails it."""
    if request.node.get_closest_marker("application") is None:
        from textual.app import App

        def refuse(*_: object, **__: object) -> None:
            pytest.fail("This test starts an application, and tests/starting.py does not see it.")

        monkeypatch.setattr(App, "run_test", refuse)


@pytest.fixture(autouse=True)
def ended_applications_are_freed(request: pytest.FixtureRequest) -> Iterator[None]:
    """An application that has ended is a ring of references, which Python's collector finds the
    later the more there is: without this, a worker grows by several MB with each application."""
    yield
    if request.node.get_closest_marker("application"):
        looks, left = divmod(next(_ended), COLLECTED_AT_ONCE)
        if left == 0:
            gc.collect()
            if looks <= FROZEN:
                gc.freeze()


def pytest_collection_finish() -> None:
    """Let the collector pass over all that is imported by now, and come less often by itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own. pytest's has a link beside it that names the newest of its name,
    and the link takes twice as long as the folder."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    path = tmp_path_factory.getbasetemp() / f"{name}-{next(_folders)}"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of the test's own: settings, state and downloads never meet the user's."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_STATE_HOME": ".local/state",
        "XDG_DATA_HOME": ".local/share",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DOWNLOAD_DIR": "Downloads",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    return home


@pytest.fixture(autouse=True)
def commands_say_that_they_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails whatever opens a dialog from a command that did not say so: what is typed behind the
    key of such a command would not wait for the dialog."""
    from textual.worker import get_current_worker

    from tui.widgets.application.orderly_app import OrderlyApp
    from tui.widgets.commands.command_host import CommandHost

    ask = CommandHost.ask

    async def checked(self: Any, dialog: Any, **more: Any) -> Any:
        worker = get_current_worker()
        if (worker.group or "").startswith("command-") and isinstance(self.app, OrderlyApp):
            assert worker in self.app._pending, f"{worker.group} asks and does not say so"
        return await ask(self, dialog, **more)

    monkeypatch.setattr(CommandHost, "ask", checked)


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """One sandbox for the session (for each worker of xdist)."""
    sandbox = Sandbox()
    sandbox.start_sync()
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def sandbox(running_sandbox: Sandbox) -> SandboxInfo:
    """Where the sandbox listens. It is shared: leave the seed alone. What a test makes goes with
    the test."""
    assert running_sandbox.info is not None
    return running_sandbox.info


@pytest.fixture(autouse=True)
def nothing_stays_in_the_sandbox(request: pytest.FixtureRequest) -> Iterator[None]:
    """Removes what a test made: what reads all of an account would take longer with each test."""
    if request.node.get_closest_marker("sandbox") is None:
        yield
        return
    running: Sandbox = request.getfixturevalue("running_sandbox")
    yield
    running.remove_added_sync()


@pytest.fixture
def fresh_sandbox(running_sandbox: Sandbox, sandbox: SandboxInfo) -> Iterator[SandboxInfo]:
    """The sandbox to do anything with; seeded again afterwards, which takes two seconds. Only for
    tests that change or delete something of the seed."""
    yield sandbox
    running_sandbox.reset_sync()


def sandbox_account(sandbox: SandboxInfo, audit: AuditLog, *, read_only: bool = False) -> Account:
    """An account on the sandbox."""
    return Account(
        Target(region=sandbox.region, endpoint_url=sandbox.endpoint_url),
        read_only=read_only,
        credentials=sandbox.credentials,
        audit=audit,
    )


@pytest.fixture
def audit(tmp_path: Path) -> AuditLog:
    """The audit log of the `account` fixtures."""
    return AuditLog(tmp_path / "audit.jsonl")


@pytest.fixture
def account(sandbox: SandboxInfo, audit: AuditLog) -> Iterator[Account]:
    """An account on the sandbox."""
    account = sandbox_account(sandbox, audit)
    yield account
    account.close()


@pytest.fixture
def read_only_account(sandbox: SandboxInfo, audit: AuditLog) -> Iterator[Account]:
    """An account on the sandbox whose guard refuses every change."""
    account = sandbox_account(sandbox, audit, read_only=True)
    yield account
    account.close()
