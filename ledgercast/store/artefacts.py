"""Facts, charts, summaries and snapshots in the private bucket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ledgercast.domain.errors import ArtefactMissing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


class Unfinished(Exception):
    """There was no time for all of it."""


class Artefacts:
    """Encryption, privacy and lifetime are the bucket's own settings, not this class's."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def put_json(self, key: str, body: Any) -> None:
        self.put(key, json.dumps(body, ensure_ascii=False).encode(), "application/json")

    def get(self, key: str) -> bytes:
        """The stored bytes. Raises ArtefactMissing."""
        found = self._find(key)
        if found is None:
            raise ArtefactMissing(f"{key} is not in the bucket; its retention time may be over")
        return found

    def get_json(self, key: str) -> Any:
        """The stored JSON, None where there is none."""
        found = self._find(key)
        return None if found is None else json.loads(found)

    def delete_under(self, prefix: str, enough: Callable[[], bool] = lambda: False) -> None:
        """Delete every object whose key begins so; `prefix` ends with a slash, so that no neighbour is met.

        Raises OSError when S3 left some of them, and Unfinished when it was `enough` before the end; asking again goes
        on where it stopped.
        """
        if not prefix.endswith("/"):
            raise ValueError("a prefix to delete under must end with a slash")
        for page in self._listed(prefix):
            if page and enough():
                raise Unfinished(prefix)
            self._delete([key for key, _ in page])

    def delete_older(self, prefix: str, before: datetime) -> None:
        """Delete the objects whose keys begin so and that were put before that instant. Raises OSError as above."""
        for page in self._listed(prefix):
            self._delete([key for key, at in page if at < before])

    def count_under(self, prefix: str) -> int:
        return sum(len(page) for page in self._listed(prefix))

    def _listed(self, prefix: str) -> Iterator[list[tuple[str, datetime]]]:
        """Keys and when each was put, a thousand at most in one list."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            yield [(one["Key"], one["LastModified"]) for one in page.get("Contents", [])]

    def _delete(self, keys: list[str]) -> None:
        if not keys:
            return
        wanted: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys]
        answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": wanted, "Quiet": True})
        if answer.get("Errors"):
            raise OSError(f"{len(answer['Errors'])} objects were not deleted")

    def _find(self, key: str) -> bytes | None:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
