"""The services that cleanup composes, on the connection that everything is done on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.services.aws import Connection

if TYPE_CHECKING:
    from tui.services.cloudwatch import CloudWatchService
    from tui.services.dynamodb import DynamoService
    from tui.services.rds import RdsService
    from tui.services.s3 import S3Service


@dataclass(frozen=True)
class Stores:
    """What an inventory, a plan or a run works with.

    The connection is held: it stays what it is when the user switches the account in the
    meantime, so what was confirmed for one place never happens at another. Every call of a store
    is made `at=connection`.
    """

    connection: Connection
    s3: S3Service
    rds: RdsService
    dynamodb: DynamoService
    cloudwatch: CloudWatchService

    @property
    def region(self) -> str | None:
        """The region of the connection."""
        return self.connection.region
