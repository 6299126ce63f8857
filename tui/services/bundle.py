"""Every service of one account, made on first use."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tui import paths
from tui.config import Settings
from tui.services.audit import AuditLog
from tui.services.aws import Account

if TYPE_CHECKING:
    from tui.services.cleanup import CleanupService
    from tui.services.cloudwatch import CloudWatchService
    from tui.services.dynamodb import DynamoService
    from tui.services.pricing import PricingService
    from tui.services.rds import RdsService
    from tui.services.redshift import RedshiftService
    from tui.services.s3 import S3Service
    from tui.services.s3.deleting.undo_stack import UndoStack
    from tui.services.secretsmanager import SecretsManagerService
    from tui.services.sql import SqlService
    from tui.services.sql.connecting.saved import SavedConnections
    from tui.services.sql.history import StatementHistory
    from tui.services.transfers import TransferService


class Services:
    """What a pane or a screen is given. Building it sends nothing and imports no SDK."""

    def __init__(
        self,
        account: Account,
        settings: Settings,
        audit: AuditLog,
        *,
        state_dir: Path,
        own_database: str | None = None,
        connections_file: Path | None = None,
    ) -> None:
        self.account = account
        self.settings = settings
        self.audit = audit
        self.state_dir = state_dir
        """Where editor buffers and journals are kept; a sandbox has its own."""
        self.own_database = own_database
        """The URL of a database that the SQL pane connects to by itself, as the sandbox's; None
        when the user chooses."""
        self.connections_file = connections_file or state_dir / "connections.json"
        """Where connections are saved; a sandbox has its own."""

    @property
    def fault_log(self) -> Path:
        """Where errors that nobody foresaw are written down."""
        return self.state_dir / paths.log_file().name

    @property
    def transfer_journal(self) -> Path:
        """Where uploads and downloads are written down, to go on with after they were cut off."""
        return self.state_dir / "transfers.sqlite"

    @cached_property
    def s3(self) -> S3Service:
        from tui.services.s3 import S3Service

        return S3Service(self.account, self.audit)

    @cached_property
    def s3_undo(self) -> UndoStack:
        """The deletes that can be taken back."""
        from tui.services.s3.deleting.undo_stack import UndoStack

        return UndoStack(self.state_dir / "s3-undo.json")

    @cached_property
    def sql(self) -> SqlService:
        from tui.services.sql import SqlService, TimeLimits
        from tui.services.sql.connecting.keyring_store import Keyring
        from tui.services.sql.connecting.stores import PasswordStores

        chosen = self.settings.sql
        return SqlService(
            self.account,
            self.audit,
            self.sql_history,
            limits=TimeLimits(chosen.statement_timeout, chosen.lock_timeout),
            manual_commit=lambda: chosen.commits_by_hand(self.account.profile_name),
            stores=PasswordStores(
                Keyring(self.state_dir / "keyring-entries"),
                # Made when a secret is read: most connections need none.
                lambda name: self.secrets_manager.read_login(name),
                lambda name: self.secrets_manager.reader(name),
            ),
            redshift_login=lambda place, database, user: self.redshift.log_in(
                place.name,
                database,
                user,
                is_serverless=place.is_serverless,
                region=place.region,
            ),
        )

    @cached_property
    def sql_history(self) -> StatementHistory:
        from tui.services.sql.history import StatementHistory

        path = self.state_dir / "statements.sqlite"
        return StatementHistory(path, keeps=self.settings.sql_history)

    @cached_property
    def saved_connections(self) -> SavedConnections:
        from tui.services.sql.connecting.saved import SavedConnections

        return SavedConnections(self.connections_file)

    @cached_property
    def rds(self) -> RdsService:
        from tui.services.rds import RdsService

        return RdsService(self.account)

    @cached_property
    def pricing(self) -> PricingService:
        from tui.services.pricing import PricingService

        return PricingService(self.account)

    @cached_property
    def redshift(self) -> RedshiftService:
        from tui.services.redshift import RedshiftService

        return RedshiftService(self.account)

    @cached_property
    def dynamodb(self) -> DynamoService:
        from tui.services.dynamodb import DynamoService

        return DynamoService(self.account)

    @cached_property
    def cloudwatch(self) -> CloudWatchService:
        from tui.services.cloudwatch import CloudWatchService

        return CloudWatchService(self.account)

    @cached_property
    def secrets_manager(self) -> SecretsManagerService:
        from tui.services.secretsmanager import SecretsManagerService

        return SecretsManagerService(self.account)

    @cached_property
    def transfers(self) -> TransferService:
        from tui.services.transfers import Limits, TransferService

        return TransferService(
            self.s3,
            fault_log=self.fault_log,
            downloads_record=self.state_dir / "download-folders",
            journal=self.transfer_journal,
            limits=Limits(self.settings.transfer_rate, self.settings.transfer_requests),
            undo=self.s3_undo,
        )

    @property
    def transfers_if_made(self) -> TransferService | None:
        """The transfer service if anybody has used it; looking does not make it."""
        return self.__dict__.get("transfers")

    @property
    def transfers_outlive(self) -> bool:
        """Whether the next start can go on with what is transferred now. A sandbox's bucket ends
        with it."""
        made = self.transfers_if_made
        return made is not None and made.journal_problem is None and not self.account.is_sandbox

    async def leave_transfers(self, patience: float) -> None:
        """Stop the transfers within `patience` seconds: so that the next start can go on with them,
        or else so that nothing of them stays."""
        if (made := self.transfers_if_made) is not None:
            await (made.leave if self.transfers_outlive else made.stop)(patience)

    @cached_property
    def cleanup(self) -> CleanupService:
        from tui.services.cleanup import CleanupService

        return CleanupService(
            self.account,
            s3=self.s3,
            rds=self.rds,
            dynamodb=self.dynamodb,
            cloudwatch=self.cloudwatch,
        )

    def close(self) -> None:
        """Close what was made; never waits for a call under way."""
        # What uses others goes before them.
        stores = (
            "sql",
            "rds",
            "redshift",
            "pricing",
            "secrets_manager",
            "dynamodb",
            "cloudwatch",
            "s3",
        )
        for name in ("transfers", "cleanup", *stores):
            service = self.__dict__.get(name)
            if service is not None:
                service.close()
        if "sql_history" in self.__dict__:
            self.sql_history.close()
        self.audit.write_waiting()
        self.account.close()
