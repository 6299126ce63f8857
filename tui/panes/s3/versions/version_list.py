"""The versions and delete markers of one object, or of everything under a prefix: what is loaded of
them, and what is marked. No widget here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import ObjectVersion, S3Location, S3Service, Versioning
from tui.services.s3.deleting.version_pages import VersionToken

NEVER = (
    "Versioning was never enabled: every object has one version, with the id null, and what is "
    "overwritten or deleted is gone."
)
SUSPENDED = (
    "Versioning is suspended: a new object takes the place of the version with the id null, and "
    "older versions with ids of their own stay."
)
ENABLED = "Versioning is enabled."


class VersionList:
    """Rows that are loaded page by page; they only grow, until `clear`."""

    def __init__(self, bucket: str, prefix: str, *, exact: bool = False) -> None:
        self.bucket = bucket
        self.prefix = prefix
        """What every key begins with; with `exact`, the key itself."""
        self.exact = exact
        """Whether it is about one key."""
        self.rows: list[ObjectVersion] = []
        """In the order of the keys; of each key the newest first."""
        self.marked: set[int] = set()
        """Indices of rows."""
        self.cursor = 0
        self.pages = 0
        self.follows = True
        """Whether rows follow that are not loaded."""
        self.problem: ServiceError | None = None
        """What went wrong last; a page that comes takes it away."""
        self.versioning: Versioning | ServiceError | None = None
        """None until it is known."""
        self._token: VersionToken | None = None

    @property
    def base(self) -> str:
        """The folder that keys are shown relative to."""
        return self.prefix[: self.prefix.rfind("/") + 1]

    @property
    def title(self) -> str:
        """What it is about."""
        place = S3Location(self.bucket, self.prefix)
        return f"Versions of {self.prefix}" if self.exact else f"All versions under {place}"

    def wider(self) -> VersionList | None:
        """The versions of what is around: the folder of an object, then one folder up after the
        other; None for a whole bucket."""
        if not self.prefix:
            return None
        inside = self.prefix if self.exact else self.prefix.removesuffix("/")
        return VersionList(self.bucket, inside[: inside.rfind("/") + 1])

    # -- loading ---------------------------------------------------------------------------

    async def load_more(self, s3: S3Service, at: Connection) -> None:
        """Load the next page; what went wrong is the `problem`, and what is loaded stays."""
        if self.versioning is None:
            try:
                self.versioning = await s3.versioning(self.bucket, at=at)
            except ServiceError as error:
                self.versioning = error
        try:
            page = await s3.list_version_page(self.bucket, self.prefix, self._token, at=at)
        except ServiceError as error:
            self.problem = error
            return
        self.problem = None
        mine = [each for each in page.versions if not self.exact or each.key == self.prefix]
        self.rows += mine
        self.pages += 1
        self._token = page.next_token
        # Other keys that begin with this one follow after it.
        self.follows = page.next_token is not None and len(mine) == len(page.versions)

    async def load_before(self, row: int, s3: S3Service, at: Connection) -> None:
        """Load until the version before this one is here, if there is one."""
        key = self.rows[row].key
        while self.follows and self.rows[-1].key == key and self.before(row) is None:
            await self.load_more(s3, at)
            if self.problem is not None:
                raise self.problem

    def clear(self) -> None:
        """Forget what is loaded; the cursor stays on its row."""
        self.rows, self.marked = [], set()
        self.pages, self.follows, self._token = 0, True, None
        self.problem = None

    # -- what is here ----------------------------------------------------------------------

    @property
    def current(self) -> ObjectVersion | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def targets(self) -> list[int]:
        """The rows that a verb acts on: the marked ones, or else the one under the cursor."""
        if self.marked:
            return sorted(self.marked)
        return [] if self.current is None else [self.cursor]

    def chosen(self, rows: Iterable[int]) -> list[ObjectVersion]:
        """The versions of these rows."""
        return [self.rows[row] for row in rows]

    def latest_of(self, row: int) -> ObjectVersion:
        """The first row of the same key: its latest version or delete marker."""
        key = self.rows[row].key
        while row and self.rows[row - 1].key == key:
            row -= 1
        return self.rows[row]

    def before(self, row: int) -> ObjectVersion | None:
        """The next older version of the same key that is no delete marker, as far as loaded."""
        key = self.rows[row].key
        for each in self.rows[row + 1 :]:
            if each.key != key:
                return None
            if not each.marker:
                return each
        return None

    def pair(self, rows: Sequence[int]) -> tuple[ObjectVersion, ObjectVersion]:
        """The older and the newer version to be compared: two that are given, or one and the
        version before it. Raises ServiceError (INVALID)."""
        if len(rows) > 2:
            raise ServiceError(
                f"{len(rows):,} versions are marked; two can be compared.",
                hint="Mark two, or none: then the one under the cursor is compared with the "
                "version before it.",
                kind=ErrorKind.INVALID,
            )
        newer = self.rows[rows[0]]
        older = self.rows[rows[1]] if len(rows) == 2 else self.before(rows[0])
        if newer.marker or (older is not None and older.marker):
            raise ServiceError(
                "A delete marker holds nothing to compare.",
                hint="Mark the two versions that are to be compared.",
                kind=ErrorKind.INVALID,
            )
        if older is None:
            raise ServiceError(
                "There is no version before this one to compare it with.",
                hint="Mark two versions to compare them.",
                kind=ErrorKind.INVALID,
            )
        return older, newer

    # -- in words --------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """How much is loaded, or why nothing is."""
        if not self.pages:
            return "asking…" if self.problem is None else ""
        if not self.rows and not self.follows:
            return f"There is no version and no delete marker here. {self.said}"
        more = "+" if self.follows else ""
        one = len(self.rows) == 1 and not more
        text = f"{len(self.rows):,}{more} {'version' if one else 'versions and delete markers'}"
        if self.marked:
            text += f", {len(self.marked):,} marked"
        return f"{text}. {self.said}"

    @property
    def said(self) -> str:
        """What the bucket's versioning means for what is shown."""
        match self.versioning:
            case Versioning.NEVER:
                return NEVER
            case Versioning.SUSPENDED:
                return SUSPENDED
            case ServiceError() as error:
                denied = error.kind is ErrorKind.DENIED
                why = "needs s3:GetBucketVersioning" if denied else error.cause or error.message
                return f"Whether the bucket keeps versions is unknown: {why}."
            case _:
                return ENABLED if self.versioning else ""

    def amount(self, rows: Iterable[int]) -> str:
        """ "2 versions and 1 delete marker"."""
        chosen = self.chosen(rows)
        markers = sum(each.marker for each in chosen)
        parts = [
            counted(count, one)
            for count, one in ((len(chosen) - markers, "version"), (markers, "delete marker"))
            if count
        ]
        return " and ".join(parts)
