"""CloudWatch alarms and Application Auto Scaling: what watches and scales DynamoDB tables."""

from tui.services.cloudwatch.bucket_figures import BucketFigures
from tui.services.cloudwatch.models import Alarm, AlarmsDeleted, ScalingTarget, watching
from tui.services.cloudwatch.service import CloudWatchService

__all__ = [
    "Alarm",
    "AlarmsDeleted",
    "BucketFigures",
    "CloudWatchService",
    "ScalingTarget",
    "watching",
]
