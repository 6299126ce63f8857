"""What a new sandbox holds: a small sample and a larger one, each in all three stores.

No table is named `users`: the walkthrough creates one.

The creation times are fixed, so that pictures of a new sandbox are the same every time.
"""

from __future__ import annotations

import json
import time
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import quote

from tui.sandbox import sample_weather as weather
from tui.sandbox.emulator import ACCOUNT, REGION, Emulator
from tui.sandbox.postgres import HOST, PostgresError, connect
from tui.sandbox.sample_sql import MEMBERS, WEATHER

CREATED = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
"""When the sample claims to have been made."""

BUCKET = "tristore-walkthrough"
TABLE = "members"
INSTANCE = "tutorial-db"
DATABASE = "tutorial"
USER = "postgres"
PASSWORD = "sandbox-password"  # noqa: S105 - of a server that lives as long as the sandbox

WAIT_SECONDS = 60.0

WEATHER_DAYS = 60
"""Days of readings, for each station."""

_MEASURES = ("celsius", "millimetres", "wind")

_VERSIONING = (
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Status>Enabled</Status></VersioningConfiguration>"
)

OBJECTS: dict[str, tuple[str, str]] = {
    "csv/file1.csv": (
        "text/csv",
        "id,name,city,amount,paid_on\n"
        "1,Ada,London,120.50,2026-01-03\n"
        "2,Grace,New York,89.99,2026-01-04\n"
        "3,Linus,Helsinki,,2026-01-04\n"
        '4,"Hopper, G.",Arlington,1042.00,2026-01-07\n'
        "5,Søren,København,15.25,2026-01-09\n"
        "6,Margaret,Boston,310.10,2026-01-11\n",
    ),
    "csv/file2.csv": (
        "text/csv",
        "sensor,taken_at,celsius,ok\n"
        "roof,2026-01-14T06:00:00Z,-3.5,true\n"
        "roof,2026-01-14T12:00:00Z,1.25,true\n"
        "cellar,2026-01-14T06:00:00Z,11.0,true\n"
        "cellar,2026-01-14T12:00:00Z,,false\n"
        "attic,2026-01-14T12:00:00Z,17.75,true\n",
    ),
    "python/test.py": (
        "text/x-python",
        '"""A first script."""\n\n\ndef greet(name: str) -> str:\n'
        '    return f"Hello, {name}!"\n\n\nif __name__ == "__main__":\n'
        '    print(greet("S3"))\n',
    ),
    "test.txt": (
        "text/plain",
        "This is a test file.\nIt was put here when the sandbox started.\n",
    ),
}
"""Key -> content type and text."""

ITEMS: list[dict[str, Any]] = [
    {
        "id": {"N": "1"},
        "name": {"S": "Ada Lovelace"},
        "email": {"S": "ada@example.com"},
        "age": {"N": "36"},
        "languages": {"SS": ["Analytical Engine", "French"]},
    },
    {
        "id": {"N": "2"},
        "name": {"S": "Grace Hopper"},
        "age": {"N": "85"},
        "active": {"BOOL": True},
        "address": {
            "M": {
                "city": {"S": "Arlington"},
                "zip": {"S": "22201"},
                "geo": {"L": [{"N": "38.8816"}, {"N": "-77.0910"}]},
            }
        },
    },
    {
        "id": {"N": "3"},
        "name": {"S": "Linus"},
        "nickname": {"NULL": True},
        "scores": {"NS": ["3.14", "42", "9007199254740993"]},
        "avatar": {"B": "iVBORw0KGgo="},
    },
    {
        "id": {"N": "4"},
        "name": {"S": "Søren"},
        "balance": {"N": "12345678901234567890.123456789"},
        "active": {"BOOL": False},
        "notes": {"S": ""},
        "tags": {"L": [{"S": "new"}, {"N": "7"}, {"BOOL": True}]},
    },
]


def create_sample(emulator: Emulator) -> str:
    """Fill an empty sandbox; gives the libpq URL of the sample's database.

    Raises RuntimeError if the emulator or PostgreSQL does not take it.
    """
    _create_instance(emulator)  # its server starts while the other stores are filled
    _create_buckets(emulator)
    _create_tables(emulator)
    _fix_times()
    port = _wait_for_instance()
    connection = connect(port, USER, PASSWORD, DATABASE)
    try:
        with connection.cursor() as cursor:
            cursor.execute(MEMBERS)
            _create_weather_schema(cursor)
    finally:
        connection.close()
    return f"postgresql://{USER}:{PASSWORD}@{HOST}:{port}/{DATABASE}"


def _create_instance(emulator: Emulator) -> None:
    emulator.action(
        "rds",
        "CreateDBInstance",
        "2014-10-31",
        DBInstanceIdentifier=INSTANCE,
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername=USER,
        MasterUserPassword=PASSWORD,
        DBName=DATABASE,
        AllocatedStorage="20",
        BackupRetentionPeriod="0",
        PubliclyAccessible="true",
        AutoMinorVersionUpgrade="false",
    )
    record = _record()
    # The emulator keeps times without a zone here and there, all of them in UTC.
    record.created = record.instance_create_time = CREATED.replace(tzinfo=record.created.tzinfo)


def _create_buckets(emulator: Emulator) -> None:
    for bucket in (BUCKET, weather.BUCKET, weather.VERSIONED_BUCKET):
        emulator.request("s3", "PUT", f"/{bucket}")
    for key, (content_type, text) in OBJECTS.items():
        _put(BUCKET, key, content_type, text.encode())
    for key, (content_type, data) in weather.objects().items():
        _put(weather.BUCKET, key, content_type, data)
    emulator.request(
        "s3", "PUT", f"/{weather.VERSIONED_BUCKET}?versioning", data=_VERSIONING.encode()
    )
    for key, report in weather.report_versions():
        if report is None:
            emulator.request("s3", "DELETE", f"/{weather.VERSIONED_BUCKET}/{quote(key)}")
        else:
            _put(weather.VERSIONED_BUCKET, key, "text/markdown", report.encode())


def _put(bucket: str, key: str, content_type: str, data: bytes) -> None:
    """Store one object as a PutObject would, without its request: 300 requests take a second of
    the start."""
    from moto.s3.models import s3_backends

    backend = s3_backends[ACCOUNT]["aws"]
    stored = backend.put_object(bucket, key, data, storage="STANDARD")
    stored.set_metadata({"Content-Type": content_type})
    stored.set_acl(backend.get_bucket(bucket).acl)


def _create_tables(emulator: Emulator) -> None:
    from moto.dynamodb.models import dynamodb_backends

    def call(operation: str, body: dict[str, Any]) -> None:
        emulator.request(
            "dynamodb",
            "POST",
            headers={
                "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                "Content-Type": "application/x-amz-json-1.0",
            },
            data=json.dumps(body),
        )

    call(
        "CreateTable",
        {
            "TableName": TABLE,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        },
    )
    call("CreateTable", {"TableName": weather.TABLE, **weather.TABLE_KEYS})
    tables = dynamodb_backends[ACCOUNT][REGION]
    for table, items in ((TABLE, ITEMS), (weather.TABLE, weather.items())):
        for item in items:
            # Without its request, as the objects. The emulator keeps and changes what it gets.
            tables.put_item(table, deepcopy(item))


def _create_weather_schema(cursor: Any) -> None:
    """Create the schema `weather` and fill it: 20 stations, 60 sensors, 3,600 readings."""
    from psycopg2.extras import execute_values

    cursor.execute(WEATHER)
    stations = [
        (each.code, each.name, each.country, each.latitude, each.longitude, each.elevation)
        for each in weather.STATIONS
    ]
    execute_values(cursor, "INSERT INTO weather.stations VALUES %s", stations)
    sensors = [
        (each.code, name, date(2012 + number % 9, 3, 1), json.dumps({"interval": 600 + number}))
        for number, each in enumerate(weather.STATIONS)
        for name in _MEASURES
    ]
    execute_values(
        cursor,
        "INSERT INTO weather.sensors (station, measures, built_in, settings) VALUES %s",
        sensors,
    )
    first = date(2025, 11, 17)
    values = [
        (number * len(_MEASURES) + place + 1, each.day, value)
        for number, station in enumerate(weather.STATIONS)
        for each in weather.readings(station, first, WEATHER_DAYS)
        for place, value in enumerate((each.celsius, each.millimetres, each.wind))
    ]
    execute_values(cursor, "INSERT INTO weather.readings VALUES %s", values, page_size=1000)
    warnings = [
        (event["station"], f"[{event['at']},)", 1 + number % 4, f"Storm: {event['value']} m/s")
        for day in range(1, 15)
        for number, event in enumerate(weather.events_of_day(day))
        if event["kind"] == "storm"
    ]
    execute_values(
        cursor, "INSERT INTO weather.warnings (station, lasts, level, text) VALUES %s", warnings
    )
    cursor.execute("ANALYZE weather.stations, weather.sensors, weather.readings, weather.warnings")


def _record() -> Any:
    from moto.rds.models import rds_backends

    return rds_backends[ACCOUNT][REGION].databases[INSTANCE]


def _wait_for_instance() -> int:
    record = _record()
    deadline = time.monotonic() + WAIT_SECONDS
    while record.status == "creating" and time.monotonic() < deadline:
        time.sleep(0.02)
    if record.status != "available":
        raise PostgresError("PostgreSQL did not start; the log of the sandbox says why.")
    port: int = record.port
    return port


def _fix_times() -> None:
    from moto.dynamodb.models import dynamodb_backends
    from moto.s3.models import s3_backends

    for name in (BUCKET, weather.BUCKET, weather.VERSIONED_BUCKET):
        bucket = s3_backends[ACCOUNT]["aws"].buckets[name]
        bucket.creation_date = CREATED
        minutes = count(1)
        for key in list(bucket.keys.keys()):
            for version in bucket.keys.getlist(key):
                modified = CREATED + timedelta(minutes=next(minutes))
                # Without a zone, as the emulator's own: its listing of versions compares them.
                version.last_modified = modified.replace(tzinfo=None)
    for name in (TABLE, weather.TABLE):
        table = dynamodb_backends[ACCOUNT][REGION].tables[name]
        table.created_at = CREATED.replace(tzinfo=table.created_at.tzinfo)
