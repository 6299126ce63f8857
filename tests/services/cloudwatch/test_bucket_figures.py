"""The daily figures of a bucket, from metrics as S3 puts them into CloudWatch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.services.cleanup.sdk import unique
from tui.services.aws import Account
from tui.services.cloudwatch import CloudWatchService


async def test_storage_classes_are_summed_for_the_latest_day(account: Account) -> None:
    bucket = unique("bucket")
    client = account.connection.client("cloudwatch")
    service = CloudWatchService(account)
    try:
        assert await service.bucket_figures(bucket, None) is None
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        figures = [
            ("BucketSizeBytes", "StandardStorage", 1, 3000),
            ("BucketSizeBytes", "GlacierStorage", 1, 500),
            ("BucketSizeBytes", "StandardStorage", 2, 9),
            ("NumberOfObjects", "AllStorageTypes", 1, 7),
        ]
        for name, storage, age, value in figures:
            client.put_metric_data(
                Namespace="AWS/S3",
                MetricData=[
                    {
                        "MetricName": name,
                        "Dimensions": [
                            {"Name": "BucketName", "Value": bucket},
                            {"Name": "StorageType", "Value": storage},
                        ],
                        "Timestamp": today - timedelta(days=age),
                        "Value": value,
                    }
                ],
            )
        found = await service.bucket_figures(bucket, None)
        assert found is not None
        assert (found.size, found.objects) == (3500, 7)
    finally:
        service.close()
