"""Passwords in the keyring, and no place for them where there is none."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring

from tests.keyrings import (
    BrokenKeyring,
    KeyringError,
    KeyringLocked,
    MemoryKeyring,
    PlaintextKeyring,
    chosen,
)
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.keyring_store import Keyring

ENTRY = "ada@db.example:5432"
PASSWORD = "hunter2 ü'\"\\"


def test_what_is_kept_is_found_and_can_be_forgotten(tmp_path: Path) -> None:
    index = tmp_path / "state" / "keyring-entries"
    backend, ours = MemoryKeyring(), Keyring(index)
    with chosen(backend):
        assert ours.password(ENTRY) is None
        ours.keep(ENTRY, "first")
        ours.keep(ENTRY, PASSWORD)
        assert Keyring(index).password(ENTRY) == PASSWORD
        assert backend.entries == {("tristore", ENTRY): PASSWORD}
        assert ours.names() == (ENTRY,)
        assert index.read_text() == f"{ENTRY}\n"
        assert index.stat().st_mode & 0o077 == 0
        ours.forget(ENTRY)
        ours.forget(ENTRY)
    assert backend.entries == {}
    assert ours.names() == ()


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (FailKeyring(), "no keyring on this system"),
        (NullKeyring(), "keeps nothing"),
        (PlaintextKeyring(), "clear text"),
        (BrokenKeyring(KeyringLocked), "is locked"),
        (BrokenKeyring(KeyringError), "did not do it"),
        (BrokenKeyring(RuntimeError), "failed"),
    ],
)
def test_a_keyring_that_cannot_be_used_is_said_and_nothing_is_kept(
    backend: MemoryKeyring, said: str, tmp_path: Path
) -> None:
    ours = Keyring(tmp_path / "keyring-entries")
    attempts: list[Callable[[], object]] = [
        lambda: ours.keep(ENTRY, PASSWORD),
        lambda: ours.password(ENTRY),
    ]
    with chosen(backend):
        for attempt in attempts:
            with pytest.raises(ServiceError) as caught:
                attempt()
            assert said in caught.value.message
            assert caught.value.kind is ErrorKind.CREDENTIALS
            assert "Type the password" in caught.value.hint
            assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    assert getattr(backend, "entries", {}) == {}
    assert not (tmp_path / "keyring-entries").exists()


def test_a_backend_of_a_package_that_keeps_clear_text_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Encrypted(MemoryKeyring):
        pass

    monkeypatch.setattr(Encrypted, "__module__", "keyrings.alt.file")
    with chosen(Encrypted()), pytest.raises(ServiceError) as caught:
        Keyring().keep(ENTRY, PASSWORD)
    assert "keyrings.alt.file" in caught.value.cause


def test_of_chained_keyrings_the_first_that_is_fit_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clear, good = PlaintextKeyring(), MemoryKeyring()
    monkeypatch.setattr(ChainerBackend, "backends", [clear, good])
    with chosen(ChainerBackend()):
        Keyring().keep(ENTRY, PASSWORD)
        assert Keyring().password(ENTRY) == PASSWORD
        monkeypatch.setattr(ChainerBackend, "backends", [clear])
        with pytest.raises(ServiceError):
            Keyring().keep(ENTRY, PASSWORD)
    assert clear.entries == {}
    assert len(good.entries) == 1


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ServiceError) as caught:
        Keyring().password(ENTRY)
    assert "pip install" in caught.value.hint


def test_what_the_library_finds_without_a_desktop_session_is_refused(private_home: Path) -> None:
    program = (
        "from tui.services.errors import ServiceError\n"
        "from tui.services.sql.connecting.keyring_store import Keyring\n"
        "try:\n    Keyring().keep('a', 'hunter2')\n"
        "except ServiceError as error:\n    print(error.message)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": "/usr/bin:/bin", "HOME": str(private_home), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "There is no keyring on this system that could be used.\n"
    assert list(private_home.rglob("*")) == []
