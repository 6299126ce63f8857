"""Writing items, each write on a condition. Blocking; run on the service's pool.

When the answer to a write was lost, the item is read: if what is stored is exactly what was asked
for, the write counts as done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.services.aws import Done, Look, Looker, call, codes, lost_answer_of, settled
from tui.services.dynamodb import reading, rules
from tui.services.dynamodb.json_writer import show_path
from tui.services.dynamodb.models import Receipt, TableInfo
from tui.services.dynamodb.reading import Aliases
from tui.services.dynamodb.values import Item, item_from_wire, item_to_wire
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

HOW_TO_LOOK = "Read the item again (press r on the table) before you write it once more."


MAX_COMPARED = 140
"""Attributes that one condition compares. An expression may have 300 operators (each comparison
needs its own and one AND) and 4 KB of text ("Expression parameters" in the quotas)."""


class ItemConflict(ServiceError):  # noqa: N818 - a ServiceError like the others, with the item
    """A condition found something else than was expected; nothing was written."""

    def __init__(self, message: str, *, hint: str, kind: ErrorKind, current: Item | None) -> None:
        super().__init__(
            message,
            cause="ConditionalCheckFailedException",
            hint=hint,
            code="ConditionalCheckFailedException",
            kind=kind,
        )
        self.current = current
        """What is stored now; None if there is no item with that key (any more)."""


def put(dynamodb: DynamoDBClient, table: TableInfo, item: Item, *, overwrite: bool) -> Receipt:
    """Store an item; without `overwrite` only where none has its key."""
    check(item, table)
    request: dict[str, Any] = {
        "TableName": table.name,
        "Item": item_to_wire(item),
        "ReturnConsumedCapacity": "TOTAL",
    }
    if not overwrite:
        aliases = Aliases()
        request["ConditionExpression"] = _absent(aliases, table.partition.name)
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        request |= aliases.parameters()
    key = table.key_of(item)

    def look(refusal: Mapping[str, Any]) -> Done[Mapping[str, Any]] | Look:
        current = _current(dynamodb, table, key, refusal)
        if current == item:
            return Done({})
        # Another item may have been put over it.
        return Look.NOT_DONE if current is None else Look.UNCLEAR

    write = _Write(dynamodb, table, key, f"put an item into {table.name!r}", _exists)
    return write.send(lambda: dynamodb.put_item(**request), look)


def edit(dynamodb: DynamoDBClient, table: TableInfo, original: Item, new: Item) -> Receipt:
    """Make `original`, as it was read, into `new`.

    Only what differs is sent, on the condition that every attribute is as it was read and that no
    added one has appeared meanwhile. An attribute that somebody else added is left alone. With
    more attributes than a condition can hold, the item is read again and compared here first,
    and the condition covers the attributes that are written. A changed key makes it a move.
    """
    check(new, table)
    if table.key_of(original) != table.key_of(new):
        return _move(dynamodb, table, original, new)
    changed = [name for name in new if name not in original or new[name] != original[name]]
    removed = [name for name in original if name not in new]
    if not changed and not removed:
        return Receipt(changed=False, consumed=None)
    if len(changed) + len(removed) > MAX_COMPARED:
        raise ServiceError(
            f"{len(changed) + len(removed)} attributes change at once.",
            hint=f"Change at most {MAX_COMPARED} attributes in one edit; DynamoDB limits the "
            "length of an expression.",
            kind=ErrorKind.INVALID,
        )
    added = [name for name in changed if name not in original]
    compared = list(original)
    if len(compared) + len(added) > MAX_COMPARED:
        require_unchanged(dynamodb, table, original)
        compared = [name for name in original if name in removed or name in changed]
        compared = [*table.key_names, *(each for each in compared if each not in table.key_names)]
    return _update(dynamodb, table, original, new, (changed, removed, compared, added))


def delete(dynamodb: DynamoDBClient, table: TableInfo, item: Item) -> Receipt:
    """Delete an item if it is still exactly as it was read.

    It is read again first: no condition can notice an attribute that was added. With more
    attributes than a condition can hold, the condition covers the first of them.
    """
    require_unchanged(dynamodb, table, item)
    aliases = Aliases()
    request = {
        "TableName": table.name,
        "Key": item_to_wire(table.key_of(item)),
        "ConditionExpression": _unchanged(aliases, item, _comparable(table, item)),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ReturnConsumedCapacity": "TOTAL",
        **aliases.parameters(),
    }
    key = table.key_of(item)

    def look(refusal: Mapping[str, Any]) -> Done[Mapping[str, Any]] | Look:
        current = _current(dynamodb, table, key, refusal)
        if current is None:
            return Done({})
        return Look.NOT_DONE if current == item else Look.UNCLEAR

    write = _Write(dynamodb, table, key, f"delete an item of {table.name!r}", _changed)
    return write.send(lambda: dynamodb.delete_item(**request), look)


def check(item: Item, table: TableInfo) -> None:
    """Raise INVALID with every broken rule, before anything is sent."""
    found = rules.findings(item, table)
    if found:
        lines = [f"{show_path(each.path)} {each.message}".strip() for each in found]
        raise ServiceError(
            f"This item cannot be stored in {table.name!r}.",
            cause="\n".join(lines),
            hint="Nothing was sent.",
            kind=ErrorKind.INVALID,
        )


def require_unchanged(dynamodb: DynamoDBClient, table: TableInfo, item: Item) -> None:
    """Raise ItemConflict unless a consistent read gives exactly this item."""
    current = reading.get(dynamodb, table, table.key_of(item)).item
    if current != item:
        raise _changed(table, current)


@dataclass(frozen=True)
class _Write:
    """One conditional write of one item."""

    dynamodb: DynamoDBClient
    table: TableInfo
    key: Item
    action: str
    conflict: Callable[[TableInfo, Item | None], ItemConflict]
    """The error where the condition is not met, made of what is stored instead."""

    def send(
        self, send: Callable[[], Mapping[str, Any]], look: Looker[Mapping[str, Any]]
    ) -> Receipt:
        def ask() -> Mapping[str, Any]:
            try:
                return settled(send, look, how_to_look=HOW_TO_LOOK)
            except self.dynamodb.exceptions.ConditionalCheckFailedException as error:
                current = _conflicting(self.dynamodb, self.table, self.key, error)
                raise self.conflict(self.table, current) from error

        return Receipt(changed=True, consumed=reading.consumed(call(self.action, ask)))


def _update(
    dynamodb: DynamoDBClient,
    table: TableInfo,
    original: Item,
    new: Item,
    names: tuple[list[str], list[str], list[str], list[str]],
) -> Receipt:
    changed, removed, compared, added = names
    aliases = Aliases()
    request = {
        "TableName": table.name,
        "Key": item_to_wire(table.key_of(original)),
        "UpdateExpression": _changes(aliases, new, changed, removed),
        "ConditionExpression": _unchanged(aliases, original, compared, added),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ReturnConsumedCapacity": "TOTAL",
        **aliases.parameters(),
    }
    key = table.key_of(original)

    def look(refusal: Mapping[str, Any]) -> Done[Mapping[str, Any]] | Look:
        current = _current(dynamodb, table, key, refusal)
        if current == new:
            return Done({})
        return Look.NOT_DONE if current is None or current == original else Look.UNCLEAR

    write = _Write(dynamodb, table, key, f"change an item of {table.name!r}", _changed)
    return write.send(lambda: dynamodb.update_item(**request), look)


def _move(dynamodb: DynamoDBClient, table: TableInfo, original: Item, new: Item) -> Receipt:
    """Change the key: put under the new one if it is free, delete the old one if unchanged.

    One transaction: both happen or neither. The SDK sends a token that makes a repeat harmless.
    """
    require_unchanged(dynamodb, table, original)
    putting, deleting = Aliases(), Aliases()
    put_part: Any = {
        "TableName": table.name,
        "Item": item_to_wire(new),
        "ConditionExpression": _absent(putting, table.partition.name),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **putting.parameters(),
    }
    delete_part: Any = {
        "TableName": table.name,
        "Key": item_to_wire(table.key_of(original)),
        "ConditionExpression": _unchanged(deleting, original, _comparable(table, original)),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **deleting.parameters(),
    }

    def send() -> Mapping[str, Any]:
        return dynamodb.transact_write_items(
            TransactItems=[{"Put": put_part}, {"Delete": delete_part}],
            ReturnConsumedCapacity="TOTAL",
        )

    def ask() -> Mapping[str, Any]:
        try:
            return settled(
                send,
                lambda _: _was_moved(dynamodb, table, original, new),
                how_to_look=HOW_TO_LOOK,
            )
        except dynamodb.exceptions.TransactionCanceledException as error:
            raise _cancelled(dynamodb, table, (original, new), error) from error

    answer = call(f"change the key of an item of {table.name!r}", ask)
    return Receipt(changed=True, consumed=reading.consumed(answer))


def _was_moved(
    dynamodb: DynamoDBClient, table: TableInfo, original: Item, new: Item
) -> Done[Mapping[str, Any]] | Look:
    at_new = reading.get(dynamodb, table, table.key_of(new)).item
    at_old = reading.get(dynamodb, table, table.key_of(original)).item
    if at_new == new and at_old is None:
        return Done({})
    # In a transaction, if one half was not done, neither was the other.
    return Look.NOT_DONE if at_new is None and at_old == original else Look.UNCLEAR


def _cancelled(
    dynamodb: DynamoDBClient, table: TableInfo, items: tuple[Item, Item], error: Any
) -> Exception:
    original, new = items
    reasons = error.response.get("CancellationReasons") or [{}, {}]
    found = [reason.get("Code") for reason in reasons]
    if found[0] == "ConditionalCheckFailed":
        return _exists(table, _current(dynamodb, table, table.key_of(new), reasons[0]))
    if found[-1] == "ConditionalCheckFailed":
        return _changed(table, _current(dynamodb, table, table.key_of(original), reasons[-1]))
    said, hint = codes.cancellation(error.response)
    busy = "TransactionConflict" in found
    return ServiceError(
        "The key was not changed; nothing was written.",
        cause=f"TransactionCanceledException: {said}",
        hint=hint,
        code="TransactionCanceledException",
        kind=ErrorKind.CONFLICT if busy else ErrorKind.OTHER,
    )


def _comparable(table: TableInfo, item: Item) -> list[str]:
    """The names that a condition can hold, the key first so that the item must exist."""
    rest = [name for name in item if name not in table.key_names]
    return [*table.key_names, *rest][:MAX_COMPARED]


def _current(
    dynamodb: DynamoDBClient, table: TableInfo, key: Item, answer: Mapping[str, Any]
) -> Item | None:
    """What is stored now: as the refusal says, or read again where it does not say it."""
    wire = answer.get("Item")
    if wire:
        return item_from_wire(wire)
    return reading.get(dynamodb, table, key).item


def _conflicting(
    dynamodb: DynamoDBClient, table: TableInfo, key: Item, refusal: Any
) -> Item | None:
    """What is stored in place of what a condition expected. Raises `refusal` where an answer was
    lost before it and it cannot be read: then nobody knows what became of the change.
    """
    try:
        return _current(dynamodb, table, key, refusal.response)
    except ServiceError:
        if lost_answer_of(refusal) is None:
            raise
    raise refusal


def _exists(table: TableInfo, current: Item | None) -> ItemConflict:
    names = " and ".join(table.key_names)
    return ItemConflict(
        f"An item with this {names} is in {table.name!r} already; it was not replaced.",
        hint="Choose another key, or save over the stored item.",
        kind=ErrorKind.EXISTS,
        current=current,
    )


def _changed(table: TableInfo, current: Item | None) -> ItemConflict:
    if current is None:
        return ItemConflict(
            "The item was deleted by somebody else meanwhile; nothing was written.",
            hint="Press r to read the table again.",
            kind=ErrorKind.CHANGED,
            current=None,
        )
    return ItemConflict(
        "The item was changed by somebody else meanwhile; nothing was written.",
        hint="Compare it with what is stored now, then decide.",
        kind=ErrorKind.CHANGED,
        current=current,
    )


# -- expressions -------------------------------------------------------------------------


def _absent(aliases: Aliases, key_name: str) -> str:
    """The item does not exist."""
    return f"attribute_not_exists({aliases.name(key_name)})"


def _unchanged(
    aliases: Aliases, original: Item, names: Iterable[str], added: Iterable[str] = ()
) -> str:
    """Each of these attributes is as it was read, and those to be added are still missing."""
    parts = [f"{aliases.name(name)} = {aliases.value(original[name])}" for name in names]
    parts.extend(_absent(aliases, name) for name in added)
    return " AND ".join(parts)


def _changes(aliases: Aliases, new: Item, changed: Iterable[str], removed: Iterable[str]) -> str:
    """The update that sets and removes just these attributes."""
    sets = [f"{aliases.name(name)} = {aliases.value(new[name])}" for name in changed]
    removes = [aliases.name(name) for name in removed]
    parts = []
    if sets:
        parts.append("SET " + ", ".join(sets))
    if removes:
        parts.append("REMOVE " + ", ".join(removes))
    return " ".join(parts)
