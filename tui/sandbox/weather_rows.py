"""The rows of the schema `weather` of the sample."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from tui.sandbox.weather_sample import STATIONS, events_of_day, readings
from tui.sandbox.weather_schema import SCHEMA

DAYS = 60
"""Days of readings, for each station."""

MEASURES = ("celsius", "millimetres", "wind")


def fill_schema(cursor: Any) -> None:
    """Create the schema `weather` and fill it: 20 stations, 60 sensors, 3,600 readings."""
    from psycopg2.extras import execute_values

    cursor.execute(SCHEMA)
    stations = [
        (each.code, each.name, each.country, each.latitude, each.longitude, each.elevation)
        for each in STATIONS
    ]
    execute_values(cursor, "INSERT INTO weather.stations VALUES %s", stations)
    sensors = [
        (each.code, name, date(2012 + number % 9, 3, 1), json.dumps({"interval": 600 + number}))
        for number, each in enumerate(STATIONS)
        for name in MEASURES
    ]
    execute_values(
        cursor,
        "INSERT INTO weather.sensors (station, measures, built_in, settings) VALUES %s",
        sensors,
    )
    first = date(2025, 11, 17)
    values = [
        (number * len(MEASURES) + place + 1, each.day, value)
        for number, station in enumerate(STATIONS)
        for each in readings(station, first, DAYS)
        for place, value in enumerate((each.celsius, each.millimetres, each.wind))
    ]
    execute_values(cursor, "INSERT INTO weather.readings VALUES %s", values, page_size=1000)
    warnings = [
        (event["station"], f"[{event['at']},)", 1 + number % 4, f"Storm: {event['value']} m/s")
        for day in range(1, 15)
        for number, event in enumerate(events_of_day(day))
        if event["kind"] == "storm"
    ]
    execute_values(
        cursor, "INSERT INTO weather.warnings (station, lasts, level, text) VALUES %s", warnings
    )
    cursor.execute("ANALYZE weather.stations, weather.sensors, weather.readings, weather.warnings")
