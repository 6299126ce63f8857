"""The command on the sandbox of the session, which is there already: a start of its own takes ten
seconds of processor time, and only what ends a sandbox needs one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.terminal.terminal import Terminal
from tui.sandbox import SandboxInfo

Opened = Callable[..., Terminal]


@pytest.fixture
def on_sandbox(sandbox: SandboxInfo) -> Opened:
    """Starts the command with these arguments, on the sandbox of the session."""

    def start(*arguments: str, **environment: str) -> Terminal:
        return Terminal(
            "--region",
            sandbox.region,
            "--endpoint-url",
            sandbox.endpoint_url,
            *arguments,
            environment={
                "AWS_ACCESS_KEY_ID": sandbox.credentials.access_key,
                "AWS_SECRET_ACCESS_KEY": sandbox.credentials.secret_key,
                **environment,
            },
        )

    return start
