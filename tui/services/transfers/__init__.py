"""Uploads, downloads and copies: plan, show, carry out, with progress and cancel."""

from tui.services.new_file import NewFile, exists
from tui.services.placing import ExistingFile
from tui.services.transfers.comparing import Twins, Verdicts
from tui.services.transfers.deletion_counts import DeletionCounts
from tui.services.transfers.leftovers import Leftover
from tui.services.transfers.limits import Limits
from tui.services.transfers.local_folders import EntryKind, LocalEntry, LocalFolders
from tui.services.transfers.models import (
    ConflictPolicy,
    DownloadItem,
    DownloadPlan,
    ExistingObject,
    FileResult,
    FileState,
    JobSnapshot,
    JobState,
    LocalBatch,
    LocalFile,
    Problem,
    RemoteObject,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.new_file import new_name
from tui.services.transfers.patterns import LeftOut, Pattern, parse_patterns, read_patterns
from tui.services.transfers.plan import build_download_plan, build_upload_plan
from tui.services.transfers.planner import Planner
from tui.services.transfers.queue import TransferQueue
from tui.services.transfers.resuming import CutOff
from tui.services.transfers.route import Direction
from tui.services.transfers.service import TransferService
from tui.services.transfers.sync import build_sync_plan
from tui.services.transfers.sync_plan import Kind, SyncBy, SyncPlan, SyncRow
from tui.services.transfers.transport import Tuning

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
    "JobSnapshot",
    "JobState",
    "Kind",
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
