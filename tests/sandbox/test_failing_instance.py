"""What becomes of an instance whose server cannot be made."""

from __future__ import annotations

import errno
import time
from types import SimpleNamespace
from typing import cast

from tui.sandbox.instances import Instances
from tui.sandbox.postgres import Installation, PostgresServer


class FullDisk:
    """An installation on a disk that has no room."""

    version = "18.4"

    def new_server(self) -> PostgresServer:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_instance_without_room_on_the_disk_has_failed() -> None:
    record = SimpleNamespace(dbi_resource_id="db-1", db_instance_identifier="full", status="")
    instances = Instances(cast("Installation", FullDisk()))
    instance = instances.create(record, user="carol", password="password", database=None)
    deadline = time.monotonic() + 10
    while record.status == "creating" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert record.status == "failed"
    assert instance.endpoint is None

    struck: list[str] = []
    instances.delete(instance, lambda: struck.append("full"))
    while not struck and time.monotonic() < deadline:
        time.sleep(0.01)
    assert instances.of(record) is None
