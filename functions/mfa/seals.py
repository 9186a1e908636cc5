"""Seeds under the customer key, each for its member alone: a row copied to another member opens for nobody (MF-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class Seals:
    """`key` is the customer key's ARN. Errors of KMS are raised as they are: without it no code is accepted."""

    def __init__(self, kms: KMSClient, key: str, workspace: str) -> None:
        self._kms = kms
        self._key = key
        self._workspace = workspace

    def seal(self, member: str, seed: bytes) -> bytes:
        sealed = self._kms.encrypt(KeyId=self._key, Plaintext=seed, EncryptionContext=self._context(member))
        return sealed["CiphertextBlob"]

    def open(self, member: str, sealed: bytes) -> bytes:
        opened = self._kms.decrypt(KeyId=self._key, CiphertextBlob=sealed, EncryptionContext=self._context(member))
        return opened["Plaintext"]

    def _context(self, member: str) -> dict[str, str]:
        return {"workspace": self._workspace, "member": member}
