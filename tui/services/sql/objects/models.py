"""The objects of a database, as the catalog lists them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tui.services.quoting import quote_identifier


class ObjectKind(Enum):
    """What an object is, in PostgreSQL's words."""

    DATABASE = "database"
    SCHEMA = "schema"
    TABLE = "table"
    PARTITIONED = "partitioned table"
    VIEW = "view"
    MATERIALIZED = "materialized view"
    FOREIGN = "foreign table"
    SEQUENCE = "sequence"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    AGGREGATE = "aggregate"
    WINDOW = "window function"
    COMPOSITE = "composite type"
    ENUM = "enum"
    DOMAIN = "domain"
    RANGE = "range type"
    BASE = "base type"
    EXTENSION = "extension"
    COLUMN = "column"
    CONSTRAINT = "constraint"
    INDEX = "index"
    TRIGGER = "trigger"
    POLICY = "policy"
    RULE = "rule"


ROUTINES = frozenset(
    {ObjectKind.FUNCTION, ObjectKind.PROCEDURE, ObjectKind.AGGREGATE, ObjectKind.WINDOW}
)
READABLE = frozenset(
    {
        ObjectKind.TABLE,
        ObjectKind.PARTITIONED,
        ObjectKind.VIEW,
        ObjectKind.MATERIALIZED,
        ObjectKind.FOREIGN,
        ObjectKind.SEQUENCE,
    }
)
"""Kinds that a SELECT can read."""

RELATIONS = READABLE - {ObjectKind.SEQUENCE}
"""Kinds with columns below them."""

PARTS = frozenset(
    {
        ObjectKind.COLUMN,
        ObjectKind.CONSTRAINT,
        ObjectKind.TRIGGER,
        ObjectKind.POLICY,
        ObjectKind.RULE,
    }
)
"""Kinds whose name means something only together with their table."""


class Group(Enum):
    """Objects of one kind below another object."""

    TABLES = "tables"
    VIEWS = "views"
    MATERIALIZED = "materialized views"
    FOREIGN = "foreign tables"
    FUNCTIONS = "functions"
    TYPES = "types"
    SEQUENCES = "sequences"
    EXTENSIONS = "extensions"
    COLUMNS = "columns"
    CONSTRAINTS = "constraints"
    INDEXES = "indexes"
    TRIGGERS = "triggers"
    POLICIES = "policies"
    RULES = "rules"
    PARTITIONS = "partitions"


@dataclass(frozen=True)
class DbObject:
    """One object. Names are as stored, unquoted."""

    kind: ObjectKind
    name: str
    oid: str = ""
    """Of a column, that of its table."""
    schema: str = ""
    """Empty for what is in no schema."""
    table: str = ""
    """The table that a part belongs to."""
    number: str = ""
    """Of a column, its number."""
    arguments: str = ""
    """Of a routine, the types that tell it from others of its name."""
    about: str = ""
    """What it is in one line: the type of a column, the definition of a constraint."""
    rows: int | None = None
    """The server's estimate; None if it has none, or for what has no rows."""
    size: int | None = None
    """Bytes with indexes and TOAST; None if unknown, or for what takes no room."""
    owner: str = ""
    comment: str = ""
    current: bool = False
    """Of a database, whether it is the one that is connected to."""

    @property
    def key(self) -> tuple[str, ...]:
        """Tells it from all others while its sizes and comments change."""
        return (self.kind.value, self.oid, self.number, self.name)

    @property
    def label(self) -> str:
        """Its name as a list shows it: routines with the types of their arguments."""
        return f"{self.name}({self.arguments})" if self.kind in ROUTINES else self.name

    @property
    def sql_name(self) -> str:
        """Its name as SQL wants it, with its schema, quoted where needed. Of a routine without its
        arguments, of a part without its table."""
        name = quote_identifier(self.name)
        if self.kind in PARTS or not self.schema:
            return name
        return f"{quote_identifier(self.schema)}.{name}"

    @property
    def short_name(self) -> str:
        """The same without a schema that every name is looked for in."""
        return quote_identifier(self.name) if self.schema == "public" else self.sql_name

    @property
    def has_branch(self) -> bool:
        """Whether something may be below it."""
        return (
            self.kind in RELATIONS
            or self.kind is ObjectKind.SCHEMA
            or (self.kind is ObjectKind.DATABASE and self.current)
        )


@dataclass(frozen=True)
class GroupOf:
    """The objects of one kind below an object."""

    group: Group
    of: DbObject
    count: int | None
    """How many there are; None if that is not known."""

    @property
    def key(self) -> tuple[str, ...]:
        """Tells it from all others."""
        return ("group", self.group.value, *self.of.key)

    @property
    def label(self) -> str:
        """The word for them."""
        return self.group.value

    @property
    def has_branch(self) -> bool:
        """There is at least one object in it, or it is not listed."""
        return True


Entry = DbObject | GroupOf
"""One line of the catalog."""


@dataclass(frozen=True)
class Branch:
    """A page of what is below an entry."""

    entries: tuple[Entry, ...]
    after: tuple[str, str] | None = None
    """Where the next page begins; None if there is none."""
    problems: tuple[str, ...] = ()
    """What could not be read, a sentence for each part."""
