"""Resources of an account, made and looked at with the SDK itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tui.services.aws import Account


def unique(prefix: str = "clean") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


@dataclass
class Sdk:
    """Makes resources and looks at them, beside the service."""

    account: Account

    def client(self, service: str) -> Any:
        return self.account.connection.client(service)

    @property
    def s3(self) -> Any:
        return self.client("s3")

    def bucket(self, *, versioned: bool = False, lock: bool = False) -> str:
        name = unique()
        self.s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        if versioned:
            self.s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
        return name

    def put(self, bucket: str, *keys: str, body: bytes = b"x", **more: Any) -> None:
        for key in keys:
            self.s3.put_object(Bucket=bucket, Key=key, Body=body, **more)

    def versions(self, bucket: str) -> list[tuple[str, str]]:
        answer = self.s3.list_object_versions(Bucket=bucket)
        rows = answer.get("Versions", []) + answer.get("DeleteMarkers", [])
        return [(row["Key"], row["VersionId"]) for row in rows]

    def has_bucket(self, name: str) -> bool:
        return name in [row["Name"] for row in self.s3.list_buckets()["Buckets"]]

    def has_table(self, name: str) -> bool:
        return name in self.client("dynamodb").list_tables()["TableNames"]

    def table(self, **more: Any) -> str:
        name = unique("table")
        self.client("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
        return name

    def alarm(self, name: str, *tables: str) -> None:
        """An alarm on one table, or a metric-math alarm over several."""

        def metric(table: str) -> dict[str, Any]:
            return {
                "Namespace": "AWS/DynamoDB",
                "MetricName": "ConsumedReadCapacityUnits",
                "Dimensions": [{"Name": "TableName", "Value": table}],
            }

        common = {
            "AlarmName": name,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        if len(tables) == 1:
            common |= {**metric(tables[0]), "Period": 60, "Statistic": "Sum"}
        else:
            common["Metrics"] = [
                {
                    "Id": f"m{number}",
                    "MetricStat": {"Metric": metric(each), "Period": 60, "Stat": "Sum"},
                }
                for number, each in enumerate(tables)
            ]
        self.client("cloudwatch").put_metric_alarm(**common)

    def alarms(self) -> list[str]:
        rows = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        return [row["AlarmName"] for row in rows]
