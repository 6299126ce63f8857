"""The command line. The only place that wires things together."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui import __version__

if TYPE_CHECKING:
    from tui.app import OpenServices
    from tui.config import Settings
    from tui.services.bundle import Services

EPILOG = """\
locations:
  s3://bucket/prefix/         open a bucket or prefix; listing all buckets is not needed. An ARN,
                              the address of an object and a page of the console work, too
  postgresql://user@host/db   connect to a database; give the password when asked
  NAME                        connect to a database that was saved by name (Ctrl+O, s)
  dynamodb:table              open a table; dynamodb:table/index for an index

Credentials come from the AWS SDK's own chain (environment, shared files, SSO, roles) and are never
asked for here. ? shows every key.
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line as a namespace; ends the process for --help, --version and mistakes."""
    parser = argparse.ArgumentParser(
        prog="tristore",
        description="S3 objects, PostgreSQL tables and DynamoDB items in one terminal, "
        "by keyboard.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("location", nargs="?", help="where to begin; see below")
    parser.add_argument("--profile", help="a profile of the shared AWS files")
    parser.add_argument("--region", help="an AWS region, such as us-east-1")
    parser.add_argument("--endpoint-url", help="an AWS-compatible server instead of AWS")
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="refuse, below the interface, whatever may change something",
    )
    parser.add_argument(
        "--no-sign-request",
        action="store_true",
        help="read no credentials: only what S3 shows to everybody, such as public data sets",
    )
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="an emulated AWS and a real PostgreSQL on this machine; needs no account",
    )
    parser.add_argument(
        "--iam-policy",
        metavar="PARTS",
        help="print the IAM policy that these parts need, such as s3-read,dynamodb-read or all",
    )
    parser.add_argument("--version", action="version", version=f"tristore {__version__}")
    options = parser.parse_args(arguments)
    if options.no_sign_request and (options.profile or options.sandbox):
        parser.error("--no-sign-request uses no credentials: leave out --profile and --sandbox")
    if options.sandbox and (options.profile or options.endpoint_url):
        parser.error("--sandbox brings its own account: leave out --profile and --endpoint-url")
    if options.location is not None:
        from tui.panes.pane_entries import entry_of

        if entry_of(options.location) is None:
            options.location = _saved_location(options.location, parser)
    return options


def _saved_location(name: str, parser: argparse.ArgumentParser) -> str:
    """The location of a saved connection; ends the process if there is none of that name."""
    from tui import paths
    from tui.services.errors import ServiceError
    from tui.services.sql.connecting.saved import SAVED, SavedConnections

    try:
        saved = SavedConnections(paths.connections_file()).find(name)
    except ServiceError as error:
        parser.error(" ".join(str(error).split("\n")))
    if saved is None:
        parser.error(
            f"no pane opens {name!r}, and no connection is saved under that name: "
            "begin with s3://, postgresql:// or dynamodb:"
        )
    return f"{SAVED}{saved.name}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the application; returns the exit status."""
    options = parse(arguments)
    if options.iam_policy is not None:
        return _print_policy(options.iam_policy.split(","))
    # There is hardly any garbage among the modules that come in now, and looking for it takes long.
    # The application turns it on again when the panes have their data.
    gc.disable()
    from tui import config, paths

    try:
        settings = config.load(paths.config_file())
        _check_names(settings)
    except config.SettingsError as error:
        print(f"tristore: {error}", file=sys.stderr)
        return 2
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        print("tristore: needs a terminal; see tristore --help", file=sys.stderr)
        return 2
    try:
        return _run(options, settings)
    except KeyboardInterrupt:
        return 130  # before the application took the terminal; after that it is a key like others


def _print_policy(parts: Sequence[str]) -> int:
    import json

    from tui.services.aws.permissions import policy
    from tui.services.errors import ServiceError

    try:
        print(json.dumps(policy(parts), indent=2))
    except ServiceError as error:
        print(f"tristore: {error}", file=sys.stderr)
        return 2
    return 0


def _check_names(settings: Settings) -> None:
    """Raise SettingsError for a name in the settings that nothing has."""
    from tui import config, paths

    if settings == config.Settings():
        return
    from tui.widgets.application import themes
    from tui.widgets.commands.verbs import REBINDABLE

    config.check_names(paths.config_file(), settings, keys=REBINDABLE, themes=themes.NAMES)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    import asyncio

    from tui import paths
    from tui.app import TristoreApp
    from tui.services.errors import ServiceError
    from tui.services.event_loop import event_loop

    closers: list[Callable[[], None]] = []
    try:
        opener = (
            _sandbox_opener(options, settings, closers)
            if options.sandbox
            else _account_opener(options, settings, closers)
        )
    except ServiceError as error:
        print(f"tristore: {error}", file=sys.stderr)
        return 2
    app = TristoreApp(opener, settings, options.location, theme_file=paths.theme_file())
    try:
        with asyncio.Runner(loop_factory=event_loop) as runner:
            result = runner.run(app.run_async())
    finally:
        for close in reversed(closers):
            close()
    status = app.return_code or result or 0
    with contextlib.suppress(OSError):  # the terminal may be gone
        sys.stdout.flush()
        sys.stderr.flush()
    # A call that was given up may still sit in a thread until its time-out; quitting never waits
    # for it. Everything that must be ended was ended above.
    os._exit(status)


def _account_opener(
    options: argparse.Namespace, settings: Settings, closers: list[Callable[[], None]]
) -> OpenServices:
    async def open_services(progress: Callable[[str], None]) -> Services:
        from tui import paths
        from tui.services.audit import AuditLog
        from tui.services.aws import Account, Target
        from tui.services.bundle import Services

        audit = AuditLog(paths.audit_file())
        account = Account(
            Target(
                options.profile,
                options.region,
                options.endpoint_url,
                unsigned=options.no_sign_request,
            ),
            read_only=options.read_only,
            read_only_profiles=settings.read_only_profiles,
            audit=audit,
        )
        services = Services(
            account,
            settings,
            audit,
            state_dir=paths.state_dir(),
            connections_file=paths.connections_file(),
        )
        closers.append(services.close)
        return services

    return open_services


def _sandbox_opener(
    options: argparse.Namespace, settings: Settings, closers: list[Callable[[], None]]
) -> OpenServices:
    from tui.sandbox import Sandbox, scrub_environment

    scrub_environment()
    sandbox = Sandbox()
    closers.append(sandbox.close)

    async def open_services(progress: Callable[[str], None]) -> Services:
        from tui.services.audit import AuditLog
        from tui.services.aws import Account, Target
        from tui.services.bundle import Services

        info = await sandbox.start(progress)
        state_dir = Path(info.data_dir) / "state"
        audit = AuditLog(state_dir / "audit.jsonl")
        account = Account(
            Target(None, options.region or info.region, info.endpoint_url),
            read_only=options.read_only,
            credentials=info.credentials,
            audit=audit,
        )
        services = Services(
            account, settings, audit, state_dir=state_dir, own_database=info.postgres
        )
        closers.append(services.close)
        return services

    return open_services


if __name__ == "__main__":
    sys.exit(main())
