"""What cleanup works with: the services, on one connection, and its numbers."""

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


@dataclass(frozen=True)
class Tunables:
    """How much at a time, how often, and how far. Tests make the numbers small."""

    page: int = 1000
    """Keys, versions, uploads or buckets a page: the most that S3 answers."""
    batch: int = 1000
    """Versions a DeleteObjects call: the most that S3 takes."""
    delete_calls: int = 4
    """DeleteObjects calls under way for one bucket while the next page is listed."""
    buckets_at_once: int = 2
    detail_calls: int = 8
    """Buckets whose protections are read at once."""
    attempts: int = 6
    """Tries of a delete that S3 asked to slow down, beyond the SDK's own."""
    backoff: float = 0.4
    """Seconds before the second try; doubles with each."""
    refusals: int = 10_000
    """How many versions S3 may refuse before the bucket is given up."""
    remembered: int = 300_000
    """Deletes of one pass over a bucket that the next one checks, at about 100 bytes each."""
    explained: int = 20
    """Refused versions that are looked into one by one."""
    lock_lookups: int = 300
    """Versions of an object-lock bucket whose locks are read for the plan, one call each; a
    bucket with more is said to be "not looked at"."""
    upload_lookups: int = 300
    """Multipart uploads whose parts are measured for the plan, one call each."""
    count_limit: int = 1_000_000
    """Versions counted of one bucket before the plan says "more than"."""
    cap_count: int = 10_000
    """Objects and items that may go without the second, typed override."""
    cap_bytes: int = 10 * 1024**3
    poll: float = 10.0
    """Seconds between two looks at something that is being deleted, at most; the first looks
    come sooner."""
    patience: float = 3600.0
    """Seconds until waiting for a deletion is given up (the deletion itself goes on)."""
