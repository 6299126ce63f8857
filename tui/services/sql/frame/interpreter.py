"""The Python in which a frame is opened: ours, or another of the user's that has pandas."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError

_NEEDED = {"pandas": (2, 2), "pyarrow": (17, 0)}
"""The oldest versions with which `loading` is tested."""

_LOOK = """
import sys
sys.path[:] = [each for each in sys.path if each]
import importlib.metadata as m, importlib.util as u
for name in ("pandas", "pyarrow", "IPython"):
    print(m.version(name) if u.find_spec(name) else "-")
"""
"""None of them is imported, which would take seconds, nor what lies in the folder of now."""

_IPYTHON = """
import sys
sys.path[:] = [each for each in sys.path if each]
from IPython import start_ipython
sys.exit(start_ipython())
"""
"""As `-m IPython`, but that would take it, and all that it imports, from the folder of now."""

_LOOK_EVERY = 0.1
"""Seconds between two looks whether it is still wanted."""

PATIENCE = 20
"""Seconds that a Python may take to tell what it has."""


@dataclass(frozen=True)
class Interpreter:
    """A Python that has what a frame needs."""

    path: str
    has_ipython: bool

    @property
    def name(self) -> str:
        """What it calls itself."""
        return "IPython" if self.has_ipython else "Python"

    def command(self, code: str) -> tuple[str, ...]:
        """Runs `code` and stays to be talked to."""
        if self.has_ipython:
            return (self.path, "-c", _IPYTHON, "--no-banner", "-i", "-c", code)
        return (self.path, "-q", "-i", "-c", code)


def find_interpreter(
    environment: Mapping[str, str],
    own: str = "",
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Interpreter:
    """Our own Python if it has pandas and pyarrow, else the first on PATH that has both. Blocking;
    ServiceError if there is none, CANCELLED soon after `stopped` says so."""
    lacking = []
    path = environment.get("PATH")
    found = (
        own or sys.executable,
        shutil.which("python3", path=path),
        shutil.which("python", path=path),
    )
    for each in dict.fromkeys(each for each in found if each):
        versions = _versions(each, environment, stopped)
        if stopped():
            raise ServiceError("Cancelled.", kind=ErrorKind.CANCELLED)
        missing = _missing(versions)
        if not missing:
            return Interpreter(each, bool(versions[2:]) and versions[2] != "-")
        lacking.append(f"{each}: {missing}")
    raise ServiceError(
        "No Python was found that has pandas and pyarrow.",
        cause="; ".join(lacking),
        hint="Run: pip install 'tristore[frame]', or install both in the python3 of your PATH.",
        kind=ErrorKind.OTHER,
    )


def _versions(
    python: str, environment: Mapping[str, str], stopped: Callable[[], bool]
) -> list[str]:
    """Of pandas, pyarrow and IPython; empty if it could not be asked."""
    patience = time.monotonic() + PATIENCE
    try:
        asked = subprocess.Popen(
            [python, "-c", _LOOK],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
    except OSError:
        return []
    with asked:
        while True:
            try:
                told, _ = asked.communicate(timeout=_LOOK_EVERY)
            except subprocess.TimeoutExpired:
                if not stopped() and time.monotonic() < patience:
                    continue
                asked.kill()
                return []
            return told.split() if asked.returncode == 0 else []


def _missing(versions: Sequence[str]) -> str:
    """What it lacks; empty if it has everything."""
    if len(versions) != 3:
        return "it could not be asked"
    old = []
    for (name, least), version in zip(_NEEDED.items(), versions, strict=False):
        if version == "-":
            old.append(f"no {name}")
        elif _numbers(version) < least:
            wanted = ".".join(map(str, least))
            old.append(f"{name} {version} is older than {wanted}")
    return ", ".join(old)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) if each.isdecimal() else 0 for each in version.split(".")[:2])
