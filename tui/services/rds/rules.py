"""The rules of RDS for what a person types, checked before anything is sent.

Each `…_problem` gives a sentence about what is wrong, or None. Sources: API reference of
CreateDBInstance; PostgreSQL's list of reserved key words; for the reserved
names beyond that list, what RDS itself answers to them.
"""

from __future__ import annotations

import re
import secrets
import string

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import RESERVED
from tui.services.rds.new_instance import (
    MAX_STORAGE_GIB,
    MIN_STORAGE_GIB,
    STORAGE_TYPES,
    NewInstance,
)

MAX_IDENTIFIER = 63
MAX_MASTER_USER = 16
"""The API reference says 16 for every engine, and RDS has enforced it since March 2023."""
MIN_PASSWORD = 8
MAX_PASSWORD = 128
MAX_DATABASE = 63
MAX_SNAPSHOT_NAME = 255
MAX_BACKUP_DAYS = 35
GENERATED_LENGTH = 30

_RESERVED_USERS = RESERVED | {"admin", "rdsadmin", "public", "none"}
_RESERVED_DATABASES = RESERVED | {
    "admin",
    "database",
    "db",
    "rdsadmin",
    "template0",
    "template1",
}

_FORBIDDEN_IN_PASSWORD = {"/": "a slash", '"': "a double quote", "@": "an at sign", " ": "a space"}


def identifier_problem(text: str) -> str | None:
    """A DB instance identifier: 1-63 letters, digits and hyphens."""
    if not text:
        return "The identifier is missing."
    if len(text) > MAX_IDENTIFIER:
        return f"The identifier has {len(text)} characters; at most {MAX_IDENTIFIER} are allowed."
    if not re.fullmatch(r"[A-Za-z0-9-]+", text):
        return "The identifier may hold only letters a-z, digits and hyphens."
    if not text[0].isalpha():
        return "The identifier must start with a letter."
    if "--" in text:
        return "The identifier may not hold two hyphens in a row."
    if text.endswith("-"):
        return "The identifier may not end with a hyphen."
    return None


def master_user_problem(text: str) -> str | None:
    """The master user of RDS for PostgreSQL: 1-16 letters, digits and underscores."""
    problem = _name_problem(text, "The master user", MAX_MASTER_USER)
    if problem is not None:
        return problem
    lowered = text.lower()
    if lowered.startswith(("pg_", "rds_")):
        return f'Names that start with "{lowered[: lowered.index("_") + 1]}" are reserved.'
    if lowered in _RESERVED_USERS:
        return f'"{text}" is reserved by RDS or PostgreSQL; "postgres" is allowed.'
    return None


def database_problem(text: str) -> str | None:
    """The initial database: nothing, or 1-63 letters, digits and underscores."""
    if not text:
        return None
    problem = _name_problem(text, "The database name", MAX_DATABASE)
    if problem is not None:
        return problem
    if text.lower() in _RESERVED_DATABASES:
        return f'"{text}" is reserved by RDS or PostgreSQL; choose another name.'
    return None


def _name_problem(text: str, what: str, most: int) -> str | None:
    if not text:
        return f"{what} is missing."
    if len(text) > most:
        return f"{what} has {len(text)} characters; at most {most} are allowed."
    if not re.fullmatch(r"[A-Za-z0-9_]+", text):
        return f"{what} may hold only letters a-z, digits and underscores."
    if not text[0].isalpha():
        return f"{what} must start with a letter."
    return None


def password_problem(text: str) -> str | None:
    """The master password: 8-128 printable ASCII characters without / " @ and space.

    The sentence never repeats any of the password's letters or digits.
    """
    if not text:
        return "The password is missing."
    if len(text) < MIN_PASSWORD:
        return f"The password has {len(text)} characters; at least {MIN_PASSWORD} are needed."
    if len(text) > MAX_PASSWORD:
        return f"The password has {len(text)} characters; at most {MAX_PASSWORD} are allowed."
    for character, name in _FORBIDDEN_IN_PASSWORD.items():
        if character in text:
            return f"The password may not hold {name}."
    if not all("!" <= character <= "~" for character in text):
        return "The password may hold only printable ASCII characters."
    return None


def new_password() -> str:
    """A strong password that RDS takes and that needs no quotes in a URL or a shell.

    30 of 62 characters at random are 178 bits.
    """
    letters = string.ascii_letters + string.digits
    while True:
        made = "".join(secrets.choice(letters) for _ in range(GENERATED_LENGTH))
        if any(map(str.isdigit, made)) and made != made.lower() and made != made.upper():
            return made


def backup_days_problem(text: str) -> str | None:
    """The days that automated backups are kept: 0 (off) to 35."""
    if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) > MAX_BACKUP_DAYS:
        return f"Automated backups are kept 0 (off) to {MAX_BACKUP_DAYS} days."
    return None


def class_problem(text: str) -> str | None:
    """A DB instance class."""
    if re.fullmatch(r"db\.[a-z0-9-]+\.[a-z0-9]+", text):
        return None
    return 'An instance class looks like "db.t4g.micro".'


def grown_storage_problem(text: str, now: int | None) -> str | None:
    """The storage of an instance that exists: it grows, and never shrinks."""
    problem = storage_problem(text)
    if problem is None and now is not None and int(text) < now:
        return f"Storage only grows: it has {now} GiB. To shrink it, copy the data elsewhere."
    return problem


def storage_problem(text: str) -> str | None:
    """The allocated storage: a whole number of GiB."""
    if not re.fullmatch(r"[0-9]+", text):
        return "The storage is a whole number of GiB."
    # A longer number is too much anyway, and int() refuses very long ones.
    if len(text) > 9 or not MIN_STORAGE_GIB <= int(text) <= MAX_STORAGE_GIB:
        return f"The storage must be {MIN_STORAGE_GIB} to {MAX_STORAGE_GIB} GiB."
    return None


def security_group_problem(text: str) -> str | None:
    """A VPC security group's id, or nothing."""
    if text and not re.fullmatch(r"sg-[0-9a-f]{8,17}", text):
        return 'A security group\'s id looks like "sg-0123456789abcdef0".'
    return None


def problems(new: NewInstance) -> dict[str, str]:
    """What is wrong with each field of a new instance, by the field's name; empty if nothing."""
    found = {
        "identifier": identifier_problem(new.identifier),
        "master_user": master_user_problem(new.master_user),
        "password": None if new.managed else password_problem(new.password),
        "database": database_problem(new.database),
        "storage_gib": storage_problem(str(new.storage_gib)),
        "storage_type": None
        if new.storage_type in STORAGE_TYPES
        else f"The storage type must be one of {', '.join(STORAGE_TYPES)}.",
        "instance_class": class_problem(new.instance_class),
        "backup_days": backup_days_problem(str(new.backup_days)),
        "engine_version": None
        if new.engine_version is None or re.fullmatch(r"\d+(\.\d+)?(-R\d+)?", new.engine_version)
        else 'A version looks like "17.4".',
        "security_group": security_group_problem(new.security_group or ""),
    }
    return {name: problem for name, problem in found.items() if problem is not None}


def snapshot_name_problems(name: str) -> list[str]:
    """What is wrong with the name of a snapshot, a sentence each; empty if RDS takes it.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
    """
    problems: list[str] = []
    if not 1 <= len(name) <= MAX_SNAPSHOT_NAME:
        problems.append(f"A snapshot name has 1 to {MAX_SNAPSHOT_NAME} characters.")
    if re.search(r"[^A-Za-z0-9-]", name):
        problems.append("A snapshot name has only letters, digits and hyphens.")
    if name and not re.match(r"[A-Za-z]", name):
        problems.append("A snapshot name begins with a letter.")
    if name.endswith("-") or "--" in name:
        problems.append("A snapshot name has no hyphen at its end, and no two in a row.")
    return problems


def require_snapshot_name(name: str) -> None:
    """INVALID if RDS takes no snapshot of that name."""
    problems = snapshot_name_problems(name)
    if problems:
        raise ServiceError(
            "The snapshot cannot be named so.", cause=" ".join(problems), kind=ErrorKind.INVALID
        )
