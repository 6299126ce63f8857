"""What to say when the key of a verb is pressed where the verb does nothing.

Silence looks like a lost key. One line says where the verb works, or which key does it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from textual.widget import Widget

from tui.widgets.commands import verbs
from tui.widgets.commands.verbs import Verb

ELSEWHERE: Mapping[str, str] = {
    verbs.OPEN.id: "There is nothing to open here.",
    verbs.UP.id: "There is nothing above this.",
    verbs.FILTER.id: "There are no rows to filter here.",
    verbs.SORT.id: "There are no rows to sort here.",
    verbs.MARK.id: "There is nothing to mark here.",
    verbs.MARK_ALL.id: "There is nothing to mark here.",
    verbs.REFRESH.id: "There is nothing to read again here.",
    verbs.INFO.id: "There is nothing under the cursor to tell about.",
    verbs.COPY_AS.id: "There is nothing to copy here.",
    verbs.NEW.id: "Nothing can be created here.",
    verbs.EDIT.id: "Edit works on an item of a DynamoDB table (F4).",
    verbs.UPLOAD.id: "Upload works on an S3 bucket (F2).",
    verbs.DOWNLOAD.id: "Download works on S3 objects (F2).",
    verbs.SYNC.id: "Sync works on an S3 bucket or prefix (F2).",
    verbs.DELETE.id: "There is nothing to delete here; F8 removes whole resources.",
    verbs.NEW_FOLDER.id: "Folders are made in an S3 bucket (F2).",
    verbs.COPY.id: "Copy works on S3 objects and prefixes (F2).",
    verbs.MOVE.id: "Move works on S3 objects and prefixes (F2).",
    verbs.VERSIONS.id: "Versions are shown of S3 objects and prefixes (F2).",
    verbs.RESTORE.id: "Restore works on archived S3 objects (F2).",
    verbs.REQUESTER_PAYS.id: "Who pays for the requests is said for an S3 bucket (F2).",
    verbs.UNDO_DELETE.id: "Undo delete works in an S3 bucket that keeps versions (F2).",
    verbs.LINK.id: "A link is made of an S3 object (F2).",
    verbs.ACCESS.id: "Public access is set on an S3 bucket (F2).",
    verbs.GO_TO.id: "Go to works in the panes (F2, F3, F4).",
    verbs.GET.id: "Get by key works in a DynamoDB table (F4).",
    verbs.QUERY.id: "Query works in a DynamoDB table (F4); text is found in the SQL editor (F3).",
    verbs.FIND.id: "Find looks for names in an S3 bucket (F2).",
    verbs.GREP.id: "The text of objects is searched in an S3 bucket (F2).",
    verbs.SIZES.id: "Sizes are those of an S3 bucket or prefix (F2).",
    verbs.CONNECT.id: "Connect works in the SQL pane (F3).",
    verbs.RULE.id: "Inbound rules belong to RDS instances: the SQL pane (F3).",
    verbs.RUN.id: "Run works in the SQL pane (F3).",
    verbs.RUN_ALL.id: "Run all works in the SQL pane (F3).",
    verbs.COMMIT.id: "Commit works in the SQL pane (F3) while a transaction is open.",
    verbs.MORE_EDITOR.id: "The SQL pane (F3) has an editor whose height can be changed.",
    verbs.LESS_EDITOR.id: "The SQL pane (F3) has an editor whose height can be changed.",
    verbs.NEW_TAB.id: "The editor of the SQL pane (F3) has tabs.",
    verbs.CLOSE_TAB.id: "The editor of the SQL pane (F3) has tabs.",
    verbs.REOPEN_TAB.id: "The editor of the SQL pane (F3) has tabs.",
    verbs.PREVIOUS_TAB.id: "The editor of the SQL pane (F3) has tabs.",
    verbs.NEXT_TAB.id: "The editor of the SQL pane (F3) has tabs.",
    verbs.OPEN_FILE.id: "SQL files are opened in the SQL pane (F3).",
    verbs.SAVE_FILE.id: "SQL files are saved in the SQL pane (F3).",
    verbs.SAVE_FILE_AS.id: "SQL files are saved in the SQL pane (F3).",
    verbs.EDIT_ELSEWHERE.id: "The text of the SQL pane (F3) is opened in $EDITOR.",
    verbs.CATALOG.id: "The catalog of a database is shown in the SQL pane (F3).",
    verbs.CONNECTIONS.id: "Open connections are listed in the SQL pane (F3).",
    verbs.NEXT_CONNECTION.id: "Connections are gone through in the SQL pane (F3).",
    verbs.PREVIOUS_CONNECTION.id: "Connections are gone through in the SQL pane (F3).",
    verbs.INSERT_NAME.id: "Names are inserted from the catalog of the SQL pane: F3, Alt+D.",
    verbs.FRAME.id: "A result of the SQL pane (F3) is opened in Python.",
    verbs.COMMENT.id: "Lines are commented in the SQL editor (F3).",
    verbs.FORMAT.id: "Statements are formatted in the SQL editor (F3).",
    verbs.ON_SERVER.id: "All rows are asked for by the server in the SQL pane (F3).",
    verbs.RECORD.id: "A row is shown as a record in the SQL pane (F3).",
    verbs.STATISTICS.id: "Figures about a column are told in the SQL pane (F3).",
    verbs.FREEZE.id: "Columns are kept in view in the SQL pane (F3).",
    verbs.COLUMN.id: "A column is gone to by its name in the SQL pane (F3).",
    verbs.FOLLOW.id: "Keys to other tables are followed in the SQL pane (F3).",
    verbs.PREVIOUS_RESULT.id: "Several results of one run are shown in the SQL pane (F3).",
    verbs.NEXT_RESULT.id: "Several results of one run are shown in the SQL pane (F3).",
    verbs.HISTORY.id: "The history of statements belongs to the SQL pane (F3).",
    verbs.BACK.id: "Back works among the places of the S3 pane (F2).",
    verbs.FORWARD.id: "Forward works among the places of the S3 pane (F2).",
    verbs.BOOKMARKS.id: "Places are kept of the S3 pane (F2).",
    verbs.EXPLAIN.id: "Statements are explained in the SQL pane (F3).",
    verbs.MANUAL_COMMIT.id: "Who commits is chosen in the SQL pane (F3).",
    verbs.ROLLBACK.id: "Roll back works in the SQL pane (F3) while a transaction is open.",
    verbs.GO_ON.id: "There is nothing to confirm here.",
    verbs.HIDDEN.id: "Hidden files are shown and left out where files are chosen.",
    verbs.HOME.id: "The home folder is a place to choose files from.",
    verbs.PAUSE.id: "A transfer is paused on the Transfers screen (F9).",
    verbs.SOONER.id: "Transfers that wait are put in order on the Transfers screen (F9).",
    verbs.LATER.id: "Transfers that wait are put in order on the Transfers screen (F9).",
    verbs.LIMITS.id: "Transfers are limited on the Transfers screen (F9), statements in SQL (F3).",
    verbs.FORGET.id: "Ended transfers are cleared on the Transfers screen (F9).",
    verbs.GO_ON_AFTER_CUT.id: "Transfers that were cut off stand on the Transfers screen (F9).",
    verbs.DROP_CUT_OFF.id: "Transfers that were cut off stand on the Transfers screen (F9).",
    verbs.LEFTOVERS.id: "Unfinished files are removed on the Transfers screen (F9).",
    verbs.ZOOM.id: "There is room for one pane only; F2, F3 and F4 change it.",
    verbs.REGION.id: "The region is chosen from the panes; Esc leads back to them.",
    verbs.PROFILE.id: "The profile is chosen from the panes; Esc leads back to them.",
    verbs.CLEANUP.id: "Cleanup is open; Esc leads back to it.",
    verbs.SIDES.id: "Local files and S3 are side by side already; Esc leads back to them.",
    verbs.TRANSFERS.id: "Transfers are open; Esc leads back to them.",
}
"""For each verb where it works, unless the place where it is pressed knows better. Esc is not
among them: it may always be pressed once too often."""


class HintLine(Widget):
    """A line that can say something in one sentence for a moment."""

    def say(self, text: str) -> None:
        """Show the text until something else happens."""
        raise NotImplementedError


@cache
def _every_verb() -> tuple[Verb, ...]:
    return tuple(each for each in vars(verbs).values() if isinstance(each, Verb))


def verb_of(key: str, rebound: Mapping[str, str]) -> Verb | None:
    """The verb of a key, by Textual's names. `rebound` are the keys that the user chose."""
    for verb in _every_verb():
        if key in rebound.get(verb.id, verb.keys).split(",") and verb.id in ELSEWHERE:
            return verb
    return None
