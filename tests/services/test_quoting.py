"""Text to copy arrives exactly as it was, in a shell and in PostgreSQL, and nothing else runs."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.hostile import HOSTILE_TEXT
from tui.sandbox import SandboxInfo
from tui.services.quoting import (
    quote_identifier,
    quote_literal,
    shell_command,
    shell_word,
)

PATIENCE = 30.0
"""Seconds to wait for a shell's prompt; only used up by a failing test."""

CONTROL_TEXT = (
    "a\x15touch RAN\r",
    "a\ntouch RAN\n",
    "a\x03touch RAN\r",
    "a\x1b[201~\rtouch RAN\r",
    "tab\t\tbed",
    "a'b\x15\\x41!x",
    "\x7f\x9b31m\x85\u2028",
    "\u202ebidi\u200b\xa0nbsp\ufeff",
    "\U000e0001tag",
    "\x012",
    "é\x01日本語",
    "\udc80byte\x01",
    "!!",
    "=ls",
    "~",
    "it's !x",
)
TEXT = (*HOSTILE_TEXT, *CONTROL_TEXT)


class PastedInto:
    """An interactive shell on a terminal, which is given text as a paste would."""

    def __init__(self, shell: str, folder: Path) -> None:
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            environment = os.environ | {
                "PS1": "READY> ",
                "HISTFILE": "",
                "TERM": "xterm",
                "LC_ALL": "C.UTF-8",
            }
            options = ["--norc", "--noprofile"] if shell.endswith("bash") else ["-f"]
            os.execve(shell, [shell, *options, "-i"], environment)
        self._unread = b""
        self._read_until(b"READY> ")

    def paste(self, text: str, *, bracketed: bool) -> None:
        data = text.encode("utf-8", "surrogateescape")
        if bracketed:
            data = b"\x1b[200~" + data + b"\x1b[201~"
        os.write(self.terminal, data + b"\r")
        # The shell echoes the line in pieces: the answer of a command of its own marks the end.
        self._read_until(b"<END>")
        self._read_until(b"READY> ")

    def _read_until(self, wanted: bytes) -> None:
        while wanted not in self._unread:
            ready, _, _ = select.select([self.terminal], [], [], PATIENCE)
            assert ready, self._unread
            self._unread += os.read(self.terminal, 1 << 16)
        self._unread = self._unread.partition(wanted)[2]

    def close(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


@pytest.fixture(params=["bash", "zsh"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PastedInto]:
    path = shutil.which(request.param)
    if path is None:
        pytest.skip(f"there is no {request.param} here")
    folder = tmp_path / "where it runs"
    folder.mkdir()
    shell = PastedInto(path, folder)
    yield shell
    shell.close()


@pytest.mark.parametrize("bracketed", [False, True])
def test_a_pasted_word_arrives_byte_for_byte_and_nothing_else_runs(
    shell: PastedInto, tmp_path: Path, bracketed: bool
) -> None:
    folder = tmp_path / "where it runs"
    for text in TEXT:
        word = shell_word(text)
        assert word.isprintable()
        # The quotes in `'<E''ND>'` keep the mark out of the echo of the line.
        shell.paste(f"printf %s {word} >arrived; printf '<E''ND>'", bracketed=bracketed)
        assert (folder / "arrived").read_bytes() == text.encode("utf-8", "surrogateescape")
    assert [each.name for each in folder.iterdir()] == ["arrived"]


def test_a_command_keeps_its_words_apart() -> None:
    assert shell_command(["aws", "--key=a\x15 b", "c d"]) == r"aws $'--key=a\x15 b' 'c d'"


def test_only_what_has_to_be_is_quoted() -> None:
    assert shell_word("s3://bucket/key.txt") == "s3://bucket/key.txt"
    assert quote_identifier("orders") == "orders"
    assert quote_literal("plain") == "'plain'"


@pytest.fixture(scope="module")
def connection(sandbox: SandboxInfo) -> Iterator[psycopg2.extensions.connection]:
    connection = psycopg2.connect(sandbox.postgres)
    yield connection
    connection.close()


@pytest.mark.parametrize("setting", ["on", "off"])
def test_sql_constants_are_read_back_the_same(
    connection: psycopg2.extensions.connection, setting: str
) -> None:
    texts = [text for text in ("", "a\\'b", "\\", "NULL", "$$", *TEXT) if "\udc80" not in text]
    with connection.cursor() as cursor:
        cursor.execute(
            f"set escape_string_warning = off; set standard_conforming_strings={setting}"
        )
        for text in texts:
            assert quote_literal(text).isprintable()
            cursor.execute(f"select {quote_literal(text)}")
            assert cursor.fetchone() == (text,)
        cursor.execute(f"select {quote_literal(None)}")
        assert cursor.fetchone() == (None,)


@pytest.mark.parametrize("setting", ["on", "off"])
def test_sql_names_are_read_back_the_same(
    connection: psycopg2.extensions.connection, setting: str
) -> None:
    names = ("a", "A", "select", "a b", 'a"b', "1a", "é", "a$", 'b"\\\x15', *TEXT)
    with connection.cursor() as cursor:
        cursor.execute(f"set standard_conforming_strings = {setting}")
        for name in names:
            if "\udc80" in name or len(name) > 63:
                continue
            assert quote_identifier(name).isprintable()
            cursor.execute(f"select 1 as {quote_identifier(name)}")
            assert cursor.description is not None
            assert cursor.description[0].name == name


def test_a_byte_that_is_not_utf_8_stays_that_byte() -> None:
    assert shell_word("\udc80") == r"$'\x80'"
    assert quote_literal("\udc80") == r"E'\x80'"
