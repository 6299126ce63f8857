"""The larger sample: a small weather service that keeps data in all three stores.

Everything is computed from a fixed seed, so that a new sandbox always holds the same bytes.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from tui.sandbox.sample_sql import WEATHER

BUCKET = "weather-archive"
"""Some hundred objects in several formats, under several prefixes."""

VERSIONED_BUCKET = "weather-reports"
"""A bucket with versions and a delete marker."""

TABLE = "weather-events"
"""A DynamoDB table with a sort key and an index, whose items differ from one another."""

TABLE_KEYS: dict[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": "station", "AttributeType": "S"},
        {"AttributeName": "at", "AttributeType": "S"},
        {"AttributeName": "kind", "AttributeType": "S"},
    ],
    "KeySchema": [
        {"AttributeName": "station", "KeyType": "HASH"},
        {"AttributeName": "at", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-kind",
            "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
"""What CreateTable is told besides the name."""


@dataclass(frozen=True)
class Station:
    """A place where the weather is measured."""

    code: str
    name: str
    country: str
    latitude: float
    longitude: float
    elevation: int
    """Metres above the sea."""


STATIONS = (
    Station("AMS", "Amsterdam", "NL", 52.3676, 4.9041, -2),
    Station("ANC", "Anchorage", "US", 61.2181, -149.9003, 31),
    Station("BER", "Berlin", "DE", 52.5200, 13.4050, 34),
    Station("BOG", "Bogotá", "CO", 4.7110, -74.0721, 2640),
    Station("CAI", "Cairo", "EG", 30.0444, 31.2357, 23),
    Station("CPT", "Cape Town", "ZA", -33.9249, 18.4241, 25),
    Station("DEL", "Delhi", "IN", 28.7041, 77.1025, 216),
    Station("HEL", "Helsinki", "FI", 60.1699, 24.9384, 26),
    Station("IST", "İstanbul", "TR", 41.0082, 28.9784, 39),
    Station("KTM", "Kathmandu", "NP", 27.7172, 85.3240, 1400),
    Station("LIM", "Lima", "PE", -12.0464, -77.0428, 154),
    Station("LON", "London", "GB", 51.5072, -0.1276, 11),
    Station("NBO", "Nairobi", "KE", -1.2921, 36.8219, 1795),
    Station("NUK", "Nuuk", "GL", 64.1814, -51.6941, 5),
    Station("OSL", "Oslo", "NO", 59.9139, 10.7522, 23),
    Station("PER", "Perth", "AU", -31.9523, 115.8613, 20),
    Station("REK", "Reykjavík", "IS", 64.1466, -21.9426, 15),
    Station("SAO", "São Paulo", "BR", -23.5505, -46.6333, 760),
    Station("TOK", "東京", "JP", 35.6762, 139.6503, 40),
    Station("ZRH", "Zürich", "CH", 47.3769, 8.5417, 408),
)


@dataclass(frozen=True)
class DailyReading:
    """What a station measured on one day."""

    station: Station
    day: date
    celsius: float | None
    """None: the sensor was out of order."""
    millimetres: float
    wind: float
    """Metres a second."""


def readings(station: Station, first: date, days: int) -> Iterator[DailyReading]:
    """The readings of a station, one a day."""
    chance = random.Random(f"{station.code} {first}")  # noqa: S311 - sample data
    for number in range(days):
        day = first + timedelta(days=number)
        season = math.cos((day.timetuple().tm_yday - 200) / 365 * 2 * math.pi)
        mean = 27 - abs(station.latitude) * 0.45 - station.elevation * 0.005
        swing = station.latitude * 0.22
        celsius = round(mean + swing * season + chance.gauss(0, 2.5), 1)
        rain = max(0.0, round(chance.gauss(-1, 5), 1))
        broken = chance.random() < 0.02
        yield DailyReading(
            station, day, None if broken else celsius, rain, round(chance.random() * 14, 1)
        )


@cache
def objects() -> dict[str, tuple[str, bytes]]:
    """Key -> content type and bytes of the objects in `BUCKET`."""
    found: dict[str, tuple[str, bytes]] = {
        "README.md": ("text/markdown", _ABOUT.encode()),
        "stations.csv": ("text/csv", _station_list().encode()),
        "stations.json": ("application/json", _station_tree().encode()),
        "models/train.py": ("text/x-python", _TRAIN.encode()),
        "models/parameters.toml": ("application/toml", _PARAMETERS.encode()),
        "schema/weather.sql": ("application/sql", WEATHER.encode()),
        "notes/Zürich – to do.txt": ("text/plain", b"Replace the rain gauge.\n"),
        "notes/naïve forecast.md": ("text/markdown", b"Tomorrow is like today.\n"),
    }
    for month in range(1, 13):
        first = date(2025, month, 1)
        days = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - first
        for station in STATIONS:
            key = f"readings/2025/{month:02}/{station.code}.csv"
            found[key] = ("text/csv", _readings_csv(station, first, days.days).encode())
    for day in range(1, 15):
        lines = _ingest_log(date(2026, 1, day)).encode()
        packed = gzip.compress(lines, mtime=0)
        found[f"logs/2026/01/ingest-{day:02}.log.gz"] = ("application/gzip", packed)
        events = "".join(json.dumps(each) + "\n" for each in events_of_day(day))
        found[f"events/2026-01-{day:02}.jsonl"] = ("application/x-ndjson", events.encode())
    for hour in range(0, 24, 3):
        found[f"images/radar-2026-01-14T{hour:02}.png"] = ("image/png", _radar(hour))
    return found


def report_versions() -> list[tuple[str, str | None]]:
    """Key and text of the reports in `VERSIONED_BUCKET`, in the order in which they are written;
    None deletes, which leaves a delete marker."""
    written: list[tuple[str, str | None]] = []
    for quarter in range(1, 5):
        key = f"2025/q{quarter}.md"
        written.append((key, f"# Quarter {quarter}, 2025\n\nDraft.\n"))
        written.append((key, f"# Quarter {quarter}, 2025\n\nA mild quarter at most stations.\n"))
    written.append(("2025/withdrawn.md", "The rain of June was counted twice.\n"))
    written.append(("2025/withdrawn.md", None))
    return written


@cache
def items() -> list[dict[str, Any]]:
    """The items of `TABLE`, in DynamoDB JSON."""
    return [
        _item(number, event)
        for day in range(1, 15)
        for number, event in enumerate(events_of_day(day))
    ]


def _item(number: int, event: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "station": {"S": event["station"]},
        "at": {"S": event["at"]},
        "kind": {"S": event["kind"]},
    }
    if event["kind"] == "storm":
        item["gust"] = {"N": str(event["value"])}
        item["areas"] = {"SS": sorted({"coast", f"zone {number % 5}"})}
    elif event["kind"] == "rain":
        item["millimetres"] = {"N": str(event["value"])}
        item["hourly"] = {"L": [{"N": str((hour + 1) * (number + 3) % 7)} for hour in range(4)]}
    elif event["kind"] == "sensor":
        item["ok"] = {"BOOL": number % 2 == 0}
        item["firmware"] = {"M": {"version": {"S": f"2.{number % 4}"}, "size": {"N": "131072"}}}
        item["checksum"] = {"B": "3q2+7w=="}
    else:
        item["celsius"] = {"N": str(event["value"])}
        item["previous"] = {"NULL": True}
    return item


def events_of_day(day: int) -> list[dict[str, Any]]:
    chance = random.Random(day)  # noqa: S311 - sample data
    found = []
    for station in STATIONS:
        kind = chance.choice(("storm", "rain", "sensor", "record"))
        at = datetime(2026, 1, day, chance.randrange(24), chance.randrange(60))  # noqa: DTZ001
        found.append(
            {
                "station": station.code,
                "at": f"{at.isoformat()}Z",
                "kind": kind,
                "value": round(chance.uniform(1, 40), 1),
            }
        )
    return found


def _station_list() -> str:
    lines = ["code,name,country,latitude,longitude,elevation"]
    lines += [
        f"{each.code},{each.name},{each.country},{each.latitude:.4f},{each.longitude:.4f},"
        f"{each.elevation}"
        for each in STATIONS
    ]
    return "\n".join(lines) + "\n"


def _station_tree() -> str:
    tree = {
        each.code: {
            "name": each.name,
            "country": each.country,
            "position": {"latitude": each.latitude, "longitude": each.longitude},
        }
        for each in STATIONS
    }
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def _readings_csv(station: Station, first: date, days: int) -> str:
    lines = ["station,day,celsius,millimetres,wind"]
    lines += [
        f"{station.code},{each.day},{'' if each.celsius is None else each.celsius},"
        f"{each.millimetres},{each.wind}"
        for each in readings(station, first, days)
    ]
    return "\n".join(lines) + "\n"


def _ingest_log(day: date) -> str:
    chance = random.Random(day.toordinal())  # noqa: S311 - sample data
    lines = []
    for minute in range(0, 24 * 60, 20):
        level = chance.choices(("INFO", "WARNING", "ERROR"), (20, 3, 1))[0]
        station = chance.choice(STATIONS).code
        taken = chance.randrange(20, 900)
        lines.append(
            f"{day}T{minute // 60:02}:{minute % 60:02}:00Z {level} station={station} took={taken}ms"
        )
    return "\n".join(lines) + "\n"


def _radar(hour: int) -> bytes:
    """A small picture of rain, as PNG (https://www.w3.org/TR/png/)."""
    width, height = 96, 64
    columns = [math.sin((x + hour * 4) / 9) for x in range(width)]
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # no filter
        row = math.cos((y - hour * 2) / 7)
        for column in columns:
            rain = max(0.0, (column + row) / 2)
            rows += bytes((int(40 * rain), int(90 + 120 * rain), int(140 + 110 * rain)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


_ABOUT = """\
# Weather archive

| prefix | content |
|---|---|
| `readings/` | one CSV file for each month and station |
| `events/` | one file of JSON Lines for each day |
| `logs/` | what the import wrote, compressed |
| `images/` | radar pictures, every three hours |
| `models/` | the forecast |

The data is invented.
"""

_TRAIN = '''\
"""Fit a forecast for tomorrow: the mean of the last days."""

import csv
import sys
from pathlib import Path
from statistics import fmean

DAYS = 3


def forecast(path: Path) -> float:
    """The temperature of tomorrow in degrees Celsius."""
    with path.open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["celsius"]]
    return fmean(float(row["celsius"]) for row in rows[-DAYS:])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, round(forecast(Path(name)), 1))
'''

_PARAMETERS = """\
[forecast]
days = 3
stations = ["AMS", "BER", "HEL"]

[limits]
celsius = [-60.0, 55.0]
"""
