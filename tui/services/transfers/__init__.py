"""Uploads and downloads: plan, show, carry out, with progress and cancel."""

from tui.services.transfers.leftovers import Leftover
from tui.services.transfers.local_folder import EntryKind, LocalEntry, LocalFolders
from tui.services.transfers.models import (
    ConflictPolicy,
    Direction,
    DownloadItem,
    DownloadPlan,
    ExistingFile,
    ExistingObject,
    FileResult,
    FileState,
    JobSnapshot,
    JobState,
    LocalBatch,
    LocalFile,
    Problem,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.patterns import Pattern, parse_patterns
from tui.services.transfers.remote import RemoteObject
from tui.services.transfers.route import Tuning
from tui.services.transfers.service import TransferService

__all__ = [
    "ConflictPolicy",
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
    "Leftover",
    "LocalBatch",
    "LocalEntry",
    "LocalFile",
    "LocalFolders",
    "Pattern",
    "Problem",
    "RemoteObject",
    "TransferService",
    "Tuning",
    "UploadItem",
    "UploadPlan",
    "parse_patterns",
]
