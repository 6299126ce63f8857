"""The tables of the schema `weather` of the sample."""

from __future__ import annotations

SCHEMA = """\
CREATE SCHEMA weather;

CREATE TABLE weather.stations (
    code       char(3) PRIMARY KEY,
    name       text NOT NULL,
    country    char(2) NOT NULL,
    latitude   numeric(7, 4) NOT NULL,
    longitude  numeric(7, 4) NOT NULL,
    elevation  smallint NOT NULL
);
COMMENT ON COLUMN weather.stations.elevation IS 'metres above the sea';

CREATE TABLE weather.sensors (
    id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station   char(3) NOT NULL REFERENCES weather.stations,
    measures  text NOT NULL CHECK (measures IN ('celsius', 'millimetres', 'wind')),
    built_in  date NOT NULL,
    settings  jsonb NOT NULL DEFAULT '{}',
    UNIQUE (station, measures)
);

CREATE TABLE weather.readings (
    sensor  integer NOT NULL REFERENCES weather.sensors,
    day     date NOT NULL,
    value   numeric(6, 1),
    PRIMARY KEY (sensor, day)
);
CREATE INDEX readings_by_day ON weather.readings (day);
COMMENT ON COLUMN weather.readings.value IS 'NULL: the sensor was out of order';

CREATE TABLE weather.warnings (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station   char(3) NOT NULL REFERENCES weather.stations,
    lasts     tstzrange NOT NULL,
    level     smallint NOT NULL CHECK (level BETWEEN 1 AND 4),
    text      text NOT NULL
);

CREATE VIEW weather.daily AS
SELECT s.station, r.day,
       max(r.value) FILTER (WHERE s.measures = 'celsius')     AS celsius,
       max(r.value) FILTER (WHERE s.measures = 'millimetres') AS millimetres,
       max(r.value) FILTER (WHERE s.measures = 'wind')        AS wind
FROM weather.readings r JOIN weather.sensors s ON s.id = r.sensor
GROUP BY s.station, r.day;
"""
"""The tables of the schema `weather`; they are empty."""
