"""A DynamoDB table as plain dicts: the few calls this product makes, each with its condition said aloud.

Items hold strings, ints, bools, bytes, None, lists and dicts. Every item is written with its shape's version `v`.
Expired items (`ttl` in the past) are filtered on read, because DynamoDB removes them late.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from ledgercast import clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

SHAPE = 1
ABSENT = "attribute_not_exists(pk)"
_AT_ONCE = 100


class Conflict(Exception):
    """A conditional write found another state than it asked for."""


class Table:
    """One table of the single-table kind: keys `pk` and `sk`, index `gsi1` over `gsi1pk` and `gsi1sk`."""

    def __init__(self, client: DynamoDBClient, name: str, now: clock.Clock = clock.now) -> None:
        self._client = client
        self._name = name
        self._now = now

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, read consistently; None when absent or expired."""
        answer = self._client.get_item(TableName=self._name, Key=_wire({"pk": pk, "sk": sk}), ConsistentRead=True)
        item = _plain(answer["Item"]) if "Item" in answer else None
        return item if item and self._lives(item) else None

    def get_many(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """Those of the items that there are, read consistently, a hundred in a call; none that has expired."""
        left, found = list(dict.fromkeys(keys)), dict[tuple[str, str], Item]()
        while left:
            asked, left = left[:_AT_ONCE], left[_AT_ONCE:]
            wired = [_wire({"pk": pk, "sk": sk}) for pk, sk in asked]
            answer = self._client.batch_get_item(RequestItems={self._name: {"Keys": wired, "ConsistentRead": True}})
            for item in map(_plain, answer["Responses"].get(self._name, [])):
                if self._lives(item):
                    found[item["pk"], item["sk"]] = item
            # What was too much for one answer is asked for one by one, with the patience of the client for each.
            more: Any = answer.get("UnprocessedKeys", {})
            for key in map(_plain, more.get(self._name, {}).get("Keys", [])):
                one = self.get(key["pk"], key["sk"])
                if one:
                    found[one["pk"], one["sk"]] = one
        return found

    def put(self, item: Item, condition: str | None = None, **values: Any) -> None:
        """Write the whole item; `condition` may use `#name` for an attribute and `:name` for a value.

        Raises Conflict when the condition does not hold.
        """
        given: dict[str, Any] = {"TableName": self._name, "Item": _wire({"v": SHAPE, **item})}
        self._conditionally("put_item", given, condition, values)

    def update(self, pk: str, sk: str, changes: Item, condition: str | None = None, **values: Any) -> None:
        """Set the given attributes. Raises Conflict when the condition does not hold."""
        sets = ", ".join(f"#set_{name} = :set_{name}" for name in changes)
        given: dict[str, Any] = {
            "TableName": self._name,
            "Key": _wire({"pk": pk, "sk": sk}),
            "UpdateExpression": f"SET {sets}",
            "ExpressionAttributeNames": {f"#set_{name}": name for name in changes},
            "ExpressionAttributeValues": _wire({f":set_{name}": value for name, value in changes.items()}),
        }
        self._conditionally("update_item", given, condition, values)

    def add(
        self, pk: str, sk: str, numbers: Mapping[str, int], changes: Item, condition: str | None = None, **values: Any
    ) -> None:
        """Add to numbers, each 0 where it is missing, and set the given attributes; `changes` may not be empty.

        Raises Conflict when the condition does not hold.
        """
        sets = ", ".join(f"#set_{name} = :set_{name}" for name in changes)
        adds = ", ".join(f"#add_{name} :add_{name}" for name in numbers)
        names = {f"#set_{name}": name for name in changes} | {f"#add_{name}": name for name in numbers}
        wired = {f":set_{name}": value for name, value in changes.items()}
        wired |= {f":add_{name}": number for name, number in numbers.items()}
        given: dict[str, Any] = {
            "TableName": self._name,
            "Key": _wire({"pk": pk, "sk": sk}),
            "UpdateExpression": f"SET {sets} ADD {adds}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": _wire(wired),
        }
        self._conditionally("update_item", given, condition, values)

    def delete(self, pk: str, sk: str, condition: str | None = None, **values: Any) -> None:
        """Remove the item if it is there. Raises Conflict when the condition does not hold."""
        given: dict[str, Any] = {"TableName": self._name, "Key": _wire({"pk": pk, "sk": sk})}
        self._conditionally("delete_item", given, condition, values)

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        index: str | None = None,
        newest_first: bool = False,
        since: str | None = None,
        before: str | None = None,
        after: Item | None = None,
        at_a_time: int | None = None,
    ) -> Iterator[Item]:
        """The living items under one partition, in the order of their sort key, read page by page.

        `since` asks for sort keys from that text on, `before` for those below it; each excludes the others. `after`
        goes on behind an item, of which its keys are enough (those of the index too, where one is read). `at_a_time`
        is how many items one call reads, for whoever needs no more.
        """
        lead = index or ""
        names = {"#pk": f"{lead}pk", "#sk": f"{lead}sk"}
        condition, values = "#pk = :pk", {":pk": pk}
        if since is not None:
            condition, values = f"{condition} AND #sk >= :sk", {**values, ":sk": since}
        elif before is not None:
            condition, values = f"{condition} AND #sk < :sk", {**values, ":sk": before}
        elif prefix:
            condition, values = f"{condition} AND begins_with(#sk, :sk)", {**values, ":sk": prefix}
        else:
            del names["#sk"]
        given: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": _wire(values),
            "ScanIndexForward": not newest_first,
            **({"IndexName": index} if index else {"ConsistentRead": True}),
            **({"ExclusiveStartKey": _wire(after)} if after else {}),
        }
        if at_a_time:
            given["PaginationConfig"] = {"PageSize": at_a_time}
        for page in self._client.get_paginator("query").paginate(**given):
            yield from filter(self._lives, map(_plain, page["Items"]))

    def _conditionally(self, call: str, given: dict[str, Any], condition: str | None, values: Item) -> None:
        if condition:
            given["ConditionExpression"] = condition
            names = {f"#{name}": name for name in re.findall(r"#(\w+)", condition)}
            given["ExpressionAttributeNames"] = {**given.get("ExpressionAttributeNames", {}), **names}
        if values:
            wired = _wire({f":{name}": value for name, value in values.items()})
            given["ExpressionAttributeValues"] = {**given.get("ExpressionAttributeValues", {}), **wired}
        try:
            getattr(self._client, call)(**given)
        except ClientError as refused:
            if refused.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise Conflict(f"{call}: {condition}") from None
            raise

    def _lives(self, item: Item) -> bool:
        return "ttl" not in item or int(item["ttl"]) > self._now().timestamp()


def _wire(item: Mapping[str, Any]) -> dict[str, Any]:
    serialise = TypeSerializer().serialize
    return {name: serialise(value) for name, value in item.items()}


def _plain(item: Mapping[str, Any]) -> Item:
    deserialise = TypeDeserializer().deserialize
    return {name: _unwrap(deserialise(value)) for name, value in item.items()}


def _unwrap(value: Any) -> Any:
    """DynamoDB's numbers and binaries as Python's: every number of ours is an int."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(value)  # type: ignore[call-overload]  # it has __bytes__; its stubs lack it
    if isinstance(value, list):
        return [_unwrap(one) for one in value]
    if isinstance(value, dict):
        return {name: _unwrap(one) for name, one in value.items()}
    return value
