"""What watches and scales tables: find it, and take it away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, cast

from tui.services.aws import (
    NEXT_TOKEN,
    Account,
    Connection,
    Done,
    Look,
    change,
    pages,
)
from tui.services.blocking import BlockingPool
from tui.services.cloudwatch.bucket_figures import BucketFigures, bucket_figures
from tui.services.cloudwatch.models import (
    Alarm,
    AlarmsDeleted,
    ScalingTarget,
    to_alarm,
    to_scaling_target,
)
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_application_autoscaling import ApplicationAutoScalingClient
    from types_boto3_application_autoscaling.literals import ScalableDimensionType
    from types_boto3_cloudwatch import CloudWatchClient

PAGE_SIZE = 100
"""Alarms in one answer and in one call that deletes them: the most that CloudWatch allows."""

_GONE = {"ResourceNotFound", "ResourceNotFoundException", "ObjectNotFoundException"}

_NOT_UNDERSTOOD = {ErrorKind.OTHER, ErrorKind.INVALID, ErrorKind.NOT_FOUND}
"""How a server refuses a request that it does not know."""

_FAILED = ("Internal", "5")
"""How the codes begin with which a server that has CloudWatch says that it failed."""


class CloudWatchService:
    """Alarms and scaling targets of the account's region. Every method may raise ServiceError.

    `at` is the connection to use: on that one or not at all; without it the present one is used.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = BlockingPool("cloudwatch", size=4)

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()

    async def table_alarms(self, *, at: Connection | None = None) -> tuple[Alarm, ...]:
        """Every metric alarm of the region that watches a DynamoDB table."""

        def read() -> tuple[Alarm, ...]:
            found = pages(
                "list the CloudWatch alarms",
                self._cloudwatch(at).describe_alarms,
                NEXT_TOKEN,
                AlarmTypes=["MetricAlarm"],
                MaxRecords=PAGE_SIZE,
            )
            alarms = [to_alarm(each) for page in found for each in page.get("MetricAlarms", ())]
            return tuple(alarm for alarm in alarms if alarm.tables)

        return await self._pool.run(read)

    async def delete_alarms(
        self, names: Sequence[str], *, at: Connection | None = None
    ) -> AsyncIterator[AlarmsDeleted]:
        """Delete alarms; what each call came to. An alarm that is gone already counts as deleted.

        Raises nothing for an alarm that is refused: one bad name fails a whole call, and its
        alarms are then deleted one by one.
        """
        for start in range(0, len(names), PAGE_SIZE):
            batch = tuple(names[start : start + PAGE_SIZE])
            yield await self._pool.run(self._delete_batch, batch, at)

    def _delete_batch(self, names: tuple[str, ...], at: Connection | None) -> AlarmsDeleted:
        try:
            cloudwatch = self._cloudwatch(at)
            _delete_alarms(cloudwatch, names)
            return AlarmsDeleted(names, {})
        except ServiceError as error:
            if len(names) == 1:
                gone = error.code in _GONE
                return AlarmsDeleted(names, {}) if gone else AlarmsDeleted((), {names[0]: error})
        each = [self._delete_batch((name,), at) for name in names]
        return AlarmsDeleted(
            tuple(name for one in each for name in one.deleted),
            {name: error for one in each for name, error in one.refused.items()},
        )

    async def scaling_targets(
        self, table: str, indexes: Sequence[str], *, at: Connection | None = None
    ) -> tuple[ScalingTarget, ...]:
        """What Application Auto Scaling changes of a table and of these indexes."""
        ids = [f"table/{table}", *(f"table/{table}/index/{index}" for index in indexes)]

        def read() -> tuple[ScalingTarget, ...]:
            found = pages(
                f"list the scaling targets of {table}",
                self._scaling(at).describe_scalable_targets,
                NEXT_TOKEN,
                ServiceNamespace="dynamodb",
                ResourceIds=ids,
            )
            targets = [
                to_scaling_target(each) for page in found for each in page["ScalableTargets"]
            ]
            return tuple(target for target in targets if target.resource in ids)

        return await self._pool.run(read)

    async def deregister(self, target: ScalingTarget, *, at: Connection | None = None) -> None:
        """Take a scaling target away; one that is gone already is no error."""
        await self._pool.run(lambda: _deregister(self._scaling(at), target))

    async def bucket_figures(
        self, bucket: str, region: str | None, *, at: Connection | None = None
    ) -> BucketFigures | None:
        """CloudWatch's latest daily figures of a bucket in a region; None if it has none. NOT_FOUND
        if the endpoint is a server without CloudWatch: MinIO, for one, knows only S3."""
        connection = at or self._account.connection

        def read() -> BucketFigures | None:
            try:
                return bucket_figures(connection.client("cloudwatch", region=region), bucket)
            except ServiceError as error:
                is_known = error.kind not in _NOT_UNDERSTOOD or error.code.startswith(_FAILED)
                if connection.endpoint is None or is_known:
                    raise
                raise ServiceError(
                    "This server has no daily figures of buckets: it has no CloudWatch.",
                    kind=ErrorKind.NOT_FOUND,
                ) from error

        return await self._pool.run(read)

    def _cloudwatch(self, at: Connection | None) -> CloudWatchClient:
        return (at or self._account.connection).client("cloudwatch")

    def _scaling(self, at: Connection | None) -> ApplicationAutoScalingClient:
        return (at or self._account.connection).client("application-autoscaling")


def _delete_alarms(cloudwatch: CloudWatchClient, names: Sequence[str]) -> None:
    def send() -> None:
        cloudwatch.delete_alarms(AlarmNames=list(names))

    def look(_: object) -> Done[None] | Look:
        answer = cloudwatch.describe_alarms(AlarmNames=list(names), AlarmTypes=["MetricAlarm"])
        return Look.NOT_DONE if answer.get("MetricAlarms") else Done(None)

    change(
        f"delete the alarm {names[0]}" if len(names) == 1 else f"delete {len(names)} alarms",
        send,
        look,
        how_to_look="The CloudWatch console lists the alarms.",
    )


def _deregister(scaling: ApplicationAutoScalingClient, target: ScalingTarget) -> None:
    # It came from an answer of this service, so that it is one of the known ones.
    dimension = cast("ScalableDimensionType", target.dimension)

    def send() -> None:
        scaling.deregister_scalable_target(
            ServiceNamespace="dynamodb",
            ResourceId=target.resource,
            ScalableDimension=dimension,
        )

    def look(_: object) -> Done[None] | Look:
        answer = scaling.describe_scalable_targets(
            ServiceNamespace="dynamodb",
            ResourceIds=[target.resource],
            ScalableDimension=dimension,
        )
        return Look.NOT_DONE if answer["ScalableTargets"] else Done(None)

    try:
        change(
            f"deregister the scaling target {target}",
            send,
            look,
            how_to_look="Make a new plan: it lists what is left.",
        )
    except ServiceError as error:
        if error.kind is not ErrorKind.NOT_FOUND and error.code not in _GONE:
            raise
