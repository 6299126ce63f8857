"""A sandbox that nobody writes to, so that the screens show the seed and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui.sandbox import Sandbox, SandboxInfo


@pytest.fixture(scope="session")
def untouched_sandbox() -> Iterator[SandboxInfo]:
    """A second sandbox beside the shared one; only ever read."""
    sandbox = Sandbox()
    yield sandbox.start_sync()
    sandbox.close()
