"""What CloudWatch says once a day of the size of a bucket: for buckets too large to list. Blocking.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tui.services.aws import call

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_DAYS = 4
"""How far back is asked: a day's figure may come two days later."""

_MOST = 100
"""Metrics of one bucket that are asked for; there is one for each storage class, and fewer."""


@dataclass(frozen=True)
class BucketFigures:
    """A bucket as it was on one day, old versions and unfinished uploads included."""

    day: datetime
    """UTC."""
    size: int | None
    """Bytes in all storage classes; None if CloudWatch has no figure."""
    objects: int | None
    """Objects and their versions; None if CloudWatch has no figure."""


def bucket_figures(
    cloudwatch: CloudWatchClient, bucket: str, now: datetime | None = None
) -> BucketFigures | None:
    """The latest figures of a bucket; None if there are none yet. Raises ServiceError."""
    answer = call(
        "find the daily figures of the bucket",
        cloudwatch.list_metrics,
        Namespace="AWS/S3",
        Dimensions=[{"Name": "BucketName", "Value": bucket}],
    )
    metrics = sorted(
        {
            (each.get("MetricName", ""), dimension.get("Value", ""))
            for each in answer.get("Metrics", ())
            for dimension in each.get("Dimensions", ())
            if dimension.get("Name") == "StorageType"
            if each.get("MetricName") in {"BucketSizeBytes", "NumberOfObjects"}
        }
    )[:_MOST]
    if not metrics:
        return None
    end = now or datetime.now(UTC)
    data = call(
        "read the daily figures of the bucket",
        cloudwatch.get_metric_data,
        MetricDataQueries=_queries(bucket, metrics),
        StartTime=end - timedelta(days=_DAYS),
        EndTime=end,
    )
    sums: dict[datetime, dict[str, int]] = {}
    for result in data.get("MetricDataResults", ()):
        name, _ = metrics[int(result.get("Id", "m0")[1:])]
        points = zip(result.get("Timestamps", ()), result.get("Values", ()), strict=False)
        for moment, value in points:
            day = sums.setdefault(moment.astimezone(UTC), {})
            day[name] = day.get(name, 0) + round(value)
    if not sums:
        return None
    latest = max(sums)
    figures = sums[latest]
    return BucketFigures(latest, figures.get("BucketSizeBytes"), figures.get("NumberOfObjects"))


def _queries(bucket: str, metrics: Sequence[tuple[str, str]]) -> list[MetricDataQueryTypeDef]:
    return [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/S3",
                    "MetricName": name,
                    "Dimensions": [
                        {"Name": "BucketName", "Value": bucket},
                        {"Name": "StorageType", "Value": storage},
                    ],
                },
                "Period": 24 * 3600,
                "Stat": "Average",
            },
        }
        for number, (name, storage) in enumerate(metrics)
    ]
