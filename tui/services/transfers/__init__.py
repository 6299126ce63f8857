"""Uploads, downloads and copies: plan, show, carry out, with progress and cancel."""

from tui.services.new_file import NewFile, exists
from tui.services.placing import ExistingFile
from tui.services.transfers.job_states import (
    FileResult,
    FileState,
    FileUnderWay,
    HeldBack,
    JobSnapshot,
    JobState,
)
from tui.services.transfers.journal.resuming import CutOff
from tui.services.transfers.local.leftovers import Leftover
from tui.services.transfers.local.local_folders import EntryKind, LocalEntry, LocalFolders
from tui.services.transfers.local.new_file import new_name
from tui.services.transfers.models import (
    ConflictPolicy,
    DownloadItem,
    DownloadPlan,
    ExistingObject,
    LocalBatch,
    LocalFile,
    Problem,
    RemoteObject,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.moving.limits import Limits
from tui.services.transfers.moving.transport import Tuning
from tui.services.transfers.patterns import LeftOut, Pattern, parse_patterns, read_patterns
from tui.services.transfers.planning.comparing import Twins, Verdicts
from tui.services.transfers.planning.plan import build_download_plan, build_upload_plan
from tui.services.transfers.planning.planner import Planner
from tui.services.transfers.queue import TransferQueue
from tui.services.transfers.route import Direction
from tui.services.transfers.service import TransferService
from tui.services.transfers.sync.deletion_counts import DeletionCounts
from tui.services.transfers.sync.sync import build_sync_plan
from tui.services.transfers.sync.sync_plan import SyncBy, SyncKind, SyncPlan, SyncRow

__all__ = [
    "ConflictPolicy",
    "CutOff",
    "DeletionCounts",
    "Direction",
    "DownloadItem",
    "DownloadPlan",
    "EntryKind",
    "ExistingFile",
    "ExistingObject",
    "FileResult",
    "FileState",
    "FileUnderWay",
    "HeldBack",
    "JobSnapshot",
    "JobState",
    "LeftOut",
    "Leftover",
    "Limits",
    "LocalBatch",
    "LocalEntry",
    "LocalFile",
    "LocalFolders",
    "NewFile",
    "Pattern",
    "Planner",
    "Problem",
    "RemoteObject",
    "SyncBy",
    "SyncKind",
    "SyncPlan",
    "SyncRow",
    "TransferQueue",
    "TransferService",
    "Tuning",
    "Twins",
    "UploadItem",
    "UploadPlan",
    "Verdicts",
    "build_download_plan",
    "build_sync_plan",
    "build_upload_plan",
    "exists",
    "new_name",
    "parse_patterns",
    "read_patterns",
]
