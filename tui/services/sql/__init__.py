"""PostgreSQL: connections, statements, results as the server prints them."""

from tui.services.sql.catalog import Relation, RelationColumn, Relations
from tui.services.sql.completing.completion import Candidate, Completion, complete
from tui.services.sql.completing.names import KnownNames
from tui.services.sql.connecting.problems import ConnectError, PasswordNeededError, Refusal
from tui.services.sql.connecting.rules import Rules
from tui.services.sql.connecting.targets import (
    NO_SECRET,
    Auth,
    DatabaseTarget,
    Secrets,
    SecretSource,
    SecretStore,
    from_endpoint,
    from_environment,
    from_url,
    is_url,
)
from tui.services.sql.files.file_statements import (
    FileStatement,
    ResultFileStatement,
    file_problem,
    has_rows_behind,
    progress_of,
    with_file,
    with_result_file,
)
from tui.services.sql.models import (
    ConnectionLostError,
    Page,
    Result,
    ResultColumn,
    Row,
    ServerInfo,
    SqlError,
    TimeLimits,
    TransactionState,
)
from tui.services.sql.service import SqlService
from tui.services.sql.session.results import LARGE_PAGE, PAGE_SIZE
from tui.services.sql.session.series import READ_AHEAD_ROWS, Series
from tui.services.sql.session.session import Session
from tui.services.sql.session.transactions import OpenTransaction
from tui.services.sql.text.copy_text import (
    CopyCommand,
    CopyDirection,
    copy_command,
    copy_way,
    suggested_name,
)
from tui.services.sql.text.dangers import dangers, fits_transaction
from tui.services.sql.text.script_data import CopyProgress
from tui.services.sql.text.statements import Statement, split, statement_at

__all__ = [
    "LARGE_PAGE",
    "NO_SECRET",
    "PAGE_SIZE",
    "READ_AHEAD_ROWS",
    "Auth",
    "Candidate",
    "Completion",
    "ConnectError",
    "ConnectionLostError",
    "CopyCommand",
    "CopyDirection",
    "CopyProgress",
    "DatabaseTarget",
    "FileStatement",
    "KnownNames",
    "OpenTransaction",
    "Page",
    "PasswordNeededError",
    "Refusal",
    "Relation",
    "RelationColumn",
    "Relations",
    "Result",
    "ResultColumn",
    "ResultFileStatement",
    "Row",
    "Rules",
    "SecretSource",
    "SecretStore",
    "Secrets",
    "Series",
    "ServerInfo",
    "Session",
    "SqlError",
    "SqlService",
    "Statement",
    "TimeLimits",
    "TransactionState",
    "complete",
    "copy_command",
    "copy_way",
    "dangers",
    "file_problem",
    "fits_transaction",
    "from_endpoint",
    "from_environment",
    "from_url",
    "has_rows_behind",
    "is_url",
    "progress_of",
    "split",
    "statement_at",
    "suggested_name",
    "with_file",
    "with_result_file",
]
