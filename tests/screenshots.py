"""`make screenshots`: the pictures of the README, from the sandbox, the same at every run.

The application is driven by keys, as a person would. What differs between two runs by nature is
drawn as one value: the sandbox's ports and the elapsed times.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import itertools
import os
import re
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import idle_loop
from tests.driver import WIDE, Driver, running, sandbox_services
from tests.faulty import ServiceRequest, behind, s3_error
from tests.local_server import Answer
from tui.sandbox import Sandbox, SandboxInfo, scrub_environment
from tui.services.audit import AuditLog

TARGET = Path(__file__).parent.parent / "screenshots"

QUERY = """SELECT s.name, s.country, round(avg(d.celsius), 1) AS celsius, sum(d.millimetres) AS rain
FROM weather.daily d JOIN weather.stations s ON s.code = d.station
GROUP BY s.code ORDER BY celsius DESC;"""

FILES = 40
ARRIVED = 15
"""Files of the upload picture, and how many of them have arrived."""

Scene = Callable[[Driver], Awaitable[None]]


async def start(driver: Driver) -> None:
    """The three panes with their stores."""
    await driver.sees("tristore-walkthrough", "tutorial", "weather-events", "123456789012")


async def workspace(driver: Driver) -> None:
    await start(driver)
    await driver.press("f4", "j", "enter")
    await driver.sees("gust")
    await run_query(driver)
    await archive(driver)


async def run_query(driver: Driver) -> None:
    await driver.press("f3")
    await driver.type(QUERY)
    await driver.press("f5")
    await driver.sees("20 rows")


async def archive(driver: Driver) -> None:
    """The bucket with the larger sample."""
    await driver.press("f2", "j", "enter")
    await driver.sees("stations.csv")


async def s3(driver: Driver) -> None:
    """A file previewed beside the list."""
    await start(driver)
    await driver.press("z")
    await archive(driver)
    await driver.press("G", "k")
    await driver.sees("Kathmandu")


async def preview(driver: Driver) -> None:
    await s3(driver)
    await driver.press("enter")
    await driver.sees("separated by commas")


async def sql(driver: Driver) -> None:
    await start(driver)
    await driver.press("f3")
    driver.app.workspace.action_zoom()
    await run_query(driver)


async def sql_error(driver: Driver) -> None:
    """A mistake in a statement, marked where it is."""
    await start(driver)
    await driver.press("f3")
    await driver.type(QUERY.replace("d.millimetres", "d.milimetres"))
    await driver.press("f5")
    await driver.sees("milimetres does not exist")


async def catalog(driver: Driver) -> None:
    """The catalog beside the editor, with the definition of a table."""
    await sql(driver)
    await driver.press("alt+d")
    await driver.sees("weather")
    await driver.press("j", "j", "j", "right")
    await driver.sees("stations")


async def explain(driver: Driver) -> None:
    """What the server would do for the query, as a tree."""
    await sql(driver)
    await driver.press("alt+x")
    await driver.sees("Ctrl+S Choose")
    await driver.press("enter")
    await driver.sees("Group Key")


async def refusal(driver: Driver) -> None:
    """A server that is not reached, and what can be done about it."""
    await sql(driver)
    await driver.press("ctrl+o")
    await driver.sees("Connect to", "open now")
    await driver.type("postgresql://anna@127.0.0.1:55432/sales")
    await driver.press("enter")
    await driver.sees("Try again")


async def dynamodb(driver: Driver) -> None:
    await start(driver)
    await driver.press("f4", "z", "j", "enter")
    await driver.sees("gust")
    await driver.press("j")
    await driver.sees('"station"')


async def cleanup(driver: Driver) -> None:
    await start(driver)
    await driver.press("f8")
    # All of it: what is marked is what is listed.
    await driver.sees("tutorial-db", "tristore-walkthrough", "members", "weather-events")
    await driver.press("asterisk", "enter")
    await driver.sees("6 resources will go")
    await driver.press("j", "j", "j")
    await driver.sees("is billed")


async def plan(driver: Driver) -> None:
    """What an upload would replace, before anything is sent."""
    await start(driver)
    services = driver.app.services
    assert services is not None
    client = services.account.connection.client("s3")
    for number in range(0, FILES, 8):
        key = f"measurements/day-{number:02}.csv"
        body = b"another day's measurements"
        await asyncio.to_thread(
            client.put_object, Bucket="tristore-walkthrough", Key=key, Body=body
        )
    await driver.press("z", "enter")
    await driver.sees("test.txt")
    await driver.press("u")
    await driver.sees("measurements")
    await driver.press("space", "u")
    await driver.sees("40 files", "5 exist already")


async def upload(driver: Driver) -> None:
    """Forty files on their way, the first fifteen arrived; the sandbox's door holds the others."""
    await start(driver)
    await driver.press("z", "enter")
    await driver.sees("test.txt")
    await driver.press("u")
    await driver.sees("measurements")
    await driver.press("space", "u")
    await driver.sees("40 files")
    await driver.press("ctrl+s")
    await driver.sees("15/40 files")


SCENES: dict[str, Scene] = {
    "workspace": workspace,
    "s3": s3,
    "preview": preview,
    "sql": sql,
    "sql-error": sql_error,
    "catalog": catalog,
    "explain": explain,
    "refusal": refusal,
    "dynamodb": dynamodb,
    "cleanup": cleanup,
    "plan": plan,
    "upload": upload,
}

_FONT_FACES = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_UNIQUE = re.compile(r"terminal-\d+")
_TEXT = re.compile(r'(<text [^>]*)textLength="([^"]*)"([^>]*)>([^<]*)</text>')
_CHANGING = (
    (re.compile(r"tutorial-db-\d{8}-\d{6}"), "tutorial-db-20260115-093000"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:55432"),
    (re.compile(r"\b\d+(\.\d+)?(&#160;| )m?s\b"), "12&#160;ms"),
    (re.compile(r"(?:[\d.]+(?:&#160;| )[KMG]?i?B|\?)/s"), "2.1&#160;MiB/s"),
    (re.compile(r"(?:[\d:]+|\?)(?:&#160;| )left"), "0:04&#160;left"),
)
CELL = 12.2
"""The width of a character in the exported picture."""

_FAMILY = "'DejaVu Sans Mono', Menlo, Consolas, monospace"


def steady(svg: str) -> str:
    """The picture without what changes from run to run, and without fonts from elsewhere."""
    svg = _FONT_FACES.sub("", svg).replace("Fira Code", _FAMILY)
    svg = _UNIQUE.sub("terminal", svg)
    return _TEXT.sub(_steady_text, svg)


def _steady_text(found: re.Match[str]) -> str:
    """One run of text with its changing parts replaced and its length told anew."""
    head, _, tail, text = found.groups()
    for pattern, replacement in _CHANGING:
        text = pattern.sub(replacement, text)
    length = f"{len(html.unescape(text)) * CELL:.1f}".removesuffix(".0")
    return f'{head}textLength="{length}"{tail}>{text}</text>'


@contextmanager
def door(sandbox: SandboxInfo) -> Iterator[str]:
    """An endpoint in front of the sandbox: lets the first uploads through and holds the rest."""
    arrived = itertools.count(1)
    leave = threading.Event()

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.method == "PUT" and next(arrived) > ARRIVED:
            leave.wait()
            return s3_error(503, "SlowDown")
        return None

    with tempfile.TemporaryDirectory() as folder:
        log = AuditLog(Path(folder) / "audit.jsonl")
        with behind(sandbox, intercept, log) as account:
            try:
                yield str(account.endpoint)
            finally:
                leave.set()


@contextmanager
def sample_files() -> Iterator[None]:
    """A folder of files to upload, and the working directory beside it."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "measurements"
        samples.mkdir()
        for number in range(FILES):
            (samples / f"day-{number:02}.csv").write_bytes(b"12.5,13.1\n" * 40_000)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


async def draw(name: str, scene: Scene, sandbox: SandboxInfo) -> None:
    """One picture, on a freshly seeded sandbox."""
    with tempfile.TemporaryDirectory() as folder, sample_files(), door(sandbox) as endpoint:
        place = endpoint if scene is upload else sandbox.endpoint_url
        services = sandbox_services(sandbox, Path(folder), endpoint_url=place)
        async with running(services, size=WIDE) as driver:
            await scene(driver)
            await driver.still()
            picture = steady(driver.app.export_screenshot(title="Tristore"))
    (TARGET / f"{name}.svg").write_text(picture, encoding="utf-8")
    print(f"screenshots/{name}.svg")


def asked() -> list[str]:
    """The pictures that the command line names; all of them if it names none."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.screenshots", description="Draw the pictures of the README anew."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(SCENES)}")
    names: list[str] = parser.parse_args().names
    for name in names:
        if name not in SCENES:
            parser.error(f"there is no picture {name!r}: choose from {', '.join(SCENES)}")
    return names or list(SCENES)


async def main(names: list[str]) -> None:
    """Draw the named pictures."""
    idle_loop.install()
    scrub_environment()
    TARGET.mkdir(exist_ok=True)
    sandbox = Sandbox()
    info = await sandbox.start(print)
    try:
        for name, scene in SCENES.items():
            if name in names:
                await sandbox.reset()
                await draw(name, scene, info)
    finally:
        sandbox.close()


if __name__ == "__main__":
    asyncio.run(main(asked()))
