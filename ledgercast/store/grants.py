"""Where a grant lies (design 6): its row in `state`, its refresh token in Secrets Manager, its access token under KMS.

The row names the version of the secret that holds its refresh token. Every change of a row is conditional on the lease
of whoever makes it, so that a holder who was away too long cannot overwrite the one who took over.

pk `WS#<w>` sk `GRANT#<id>`; gsi1pk `GRANTS#<w>`, gsi1sk the ISO instant of the last refresh: the one that dies first
comes first. pk `WS#<w>` sk `SECRET#<name>` {grant, replaces, at}: a secret about to be made and the one about to be
replaced, noted before either happens, so that a crash leaves no token behind that nobody knows of.
"""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ledgercast.domain.errors import TokenTooLong
from ledgercast.store.table import ABSENT, Conflict, Item, Table

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

KMS_LIMIT_BYTES = 4096
_MINE = "#lease_owner = :mine AND #version = :seen"


@dataclass(frozen=True)
class Grant:
    """One Xero user's token set at one app. Instants are epoch seconds; `sealed` is the encrypted access token."""

    workspace: str
    id: str
    client_id: str
    xero_user: str
    secret: str
    secret_version: str
    sealed: bytes | None = field(repr=False)
    expires_at: int
    scopes: tuple[str, ...]
    state: str
    refreshed_at: int
    version: int = 1
    lease_owner: str = ""
    lease_until: int = 0


class GrantStore:
    """`prefix` is LEDGERCAST_SECRET_PREFIX, `key` the customer key's ARN."""

    def __init__(self, table: Table, secrets: SecretsManagerClient, kms: KMSClient, *, key: str, prefix: str) -> None:
        self._table = table
        self._secrets = secrets
        self._kms = kms
        self._key = key
        self._prefix = prefix

    def read(self, workspace: str, grant_id: str) -> Grant | None:
        """The grant, read consistently."""
        item = self._table.get(*_key(workspace, grant_id))
        return _grant(workspace, grant_id, item) if item else None

    def by_age(self, workspace: str) -> list[Grant]:
        """Every grant, the one that was refreshed longest ago first. From the index, so a moment old."""
        rows = self._table.query(f"GRANTS#{workspace}", index="gsi1")
        return [_grant(workspace, row["sk"].removeprefix("GRANT#"), row) for row in rows]

    def replace(self, grant: Grant, before: Grant | None) -> None:
        """Store a new consent in place of the one seen before. Raises Conflict when another consent came between."""
        pk, sk = _key(grant.workspace, grant.id)
        index = {"gsi1pk": f"GRANTS#{grant.workspace}", "gsi1sk": _iso(grant.refreshed_at)}
        item = {"pk": pk, "sk": sk, **index, **_item(grant)}
        if before is None:
            self._table.put(item, ABSENT)
        else:
            self._table.put(item, "#secret = :before", before=before.secret)

    def lease(self, grant: Grant, owner: str, now: int, until: int) -> bool:
        """Take the right to refresh: False when somebody holds it and is not past its end."""
        changes = {"lease_owner": owner, "lease_until": until}
        try:
            self._table.update(*_key(grant.workspace, grant.id), changes, "#lease_until <= :now", now=now)
        except Conflict:
            return False
        return True

    def release(self, grant: Grant, owner: str) -> None:
        """Give the lease back, if it is still ours. Where that fails it ends by its time."""
        keys = _key(grant.workspace, grant.id)
        with suppress(Conflict, ClientError, BotoCoreError):
            self._table.update(*keys, {"lease_until": 0}, "#lease_owner = :mine", mine=owner)

    def save(self, grant: Grant, owner: str, **changes: Any) -> None:
        """Write what a refresh changed, and end the lease. Raises Conflict when lease or version is no longer ours."""
        changed = {**changes, "version": grant.version + 1, "lease_until": 0}
        if "refreshed_at" in changes:
            changed["gsi1sk"] = _iso(changes["refreshed_at"])
        keys = _key(grant.workspace, grant.id)
        self._table.update(*keys, changed, _MINE, mine=owner, seen=grant.version)

    def name_secret(self, workspace: str, grant_id: str, replaces: str, now: int, name: str = "") -> str:
        """Note that a secret is about to be made for a new consent, in place of the one it replaces: its name."""
        name = name or f"{self._prefix}/grant/{grant_id}/{uuid.uuid4().hex}"
        keys = {"pk": f"WS#{workspace}", "sk": f"SECRET#{name}"}
        self._table.put({**keys, "grant": grant_id, "replaces": replaces, "at": now})
        return name

    def new_secret(self, name: str, refresh_token: str) -> tuple[str, str]:
        """A secret of its own for a new consent: its ARN and version id."""
        made = self._secrets.create_secret(Name=name, KmsKeyId=self._key, SecretString=_written(refresh_token))
        return made["ARN"], made["VersionId"]

    def save_refresh_token(self, grant: Grant, refresh_token: str) -> str:
        """A new version of the grant's secret: its id."""
        return self._secrets.put_secret_value(SecretId=grant.secret, SecretString=_written(refresh_token))["VersionId"]

    def refresh_token(self, grant: Grant) -> str | None:
        """The refresh token that the row names; None where Secrets Manager no longer keeps that version."""
        return self._refresh_token(grant, VersionId=grant.secret_version)

    def newest_refresh_token(self, grant: Grant) -> str | None:
        """The secret's present value: newer than the row's after a crash between saving it and writing the row."""
        return self._refresh_token(grant, VersionStage="AWSCURRENT")

    def previous_refresh_token(self, grant: Grant) -> str | None:
        """The value before the present one, which lives where two refreshed at once in spite of the lease."""
        return self._refresh_token(grant, VersionStage="AWSPREVIOUS")

    def remove(self, grant: Grant) -> bool:
        """End its tokens for good, the secret first. False when a new consent took its place meanwhile."""
        self.drop_secret(grant.secret)
        try:
            self._table.delete(*_key(grant.workspace, grant.id), "#secret = :secret", secret=grant.secret)
        except Conflict:
            return False
        return True

    def secret_settled(self, workspace: str, name: str) -> None:
        """The row names the new secret, and the one before is gone: nothing is left to be noted."""
        self._table.delete(f"WS#{workspace}", f"SECRET#{name}")

    def sweep_secrets(self, workspace: str, before: int) -> int:
        """Delete the secrets of consents that were cut off before that instant (epoch seconds): how many consents.

        What the grant's row names is kept, whichever of the two it is.
        """
        notes = [note for note in self._table.query(f"WS#{workspace}", "SECRET#") if note["at"] < before]
        for note in notes:
            name = note["sk"].removeprefix("SECRET#")
            grant = self.read(workspace, note["grant"])
            if not (grant and f":secret:{name}-" in grant.secret):
                self.drop_secret(name)
            if note["replaces"] and not (grant and grant.secret == note["replaces"]):
                self.drop_secret(note["replaces"])
            self.secret_settled(workspace, name)
        return len(notes)

    def drop_secret(self, secret: str) -> None:
        """End a replaced consent's secret at once: a recovery window would keep its tokens alive."""
        try:
            self._secrets.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
        except self._secrets.exceptions.ResourceNotFoundException:
            return

    def seal(self, grant_id: str, access_token: str) -> bytes:
        """The access token under the customer key, for this grant alone. Raises TokenTooLong."""
        plain = access_token.encode()
        if len(plain) > KMS_LIMIT_BYTES:
            raise TokenTooLong(f"Xero's access token has {len(plain)} bytes; KMS encrypts {KMS_LIMIT_BYTES} at most")
        sealed = self._kms.encrypt(KeyId=self._key, Plaintext=plain, EncryptionContext={"grant": grant_id})
        return sealed["CiphertextBlob"]

    def unseal(self, grant: Grant) -> str:
        """The access token of a grant that has one."""
        sealed = grant.sealed or b""
        context = {"grant": grant.id}
        opened = self._kms.decrypt(KeyId=self._key, CiphertextBlob=sealed, EncryptionContext=context)
        return opened["Plaintext"].decode()

    def _refresh_token(self, grant: Grant, **which: str) -> str | None:
        try:
            text = self._secrets.get_secret_value(SecretId=grant.secret, **which)["SecretString"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return str(json.loads(text)["refresh_token"])


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(refresh_token: str) -> str:
    return json.dumps({"refresh_token": refresh_token})


def _key(workspace: str, grant_id: str) -> tuple[str, str]:
    return f"WS#{workspace}", f"GRANT#{grant_id}"


def _grant(workspace: str, grant_id: str, item: Item) -> Grant:
    return Grant(
        workspace=workspace,
        id=grant_id,
        client_id=item["client_id"],
        xero_user=item["xero_user"],
        secret=item["secret"],
        secret_version=item["secret_version"],
        sealed=item["access_token"],
        expires_at=item["expires_at"],
        scopes=tuple(item["scopes"]),
        state=item["state"],
        refreshed_at=item["refreshed_at"],
        version=item["version"],
        lease_owner=item["lease_owner"],
        lease_until=item["lease_until"],
    )


def _item(grant: Grant) -> dict[str, Any]:
    return {
        "client_id": grant.client_id,
        "xero_user": grant.xero_user,
        "secret": grant.secret,
        "secret_version": grant.secret_version,
        "access_token": grant.sealed,
        "expires_at": grant.expires_at,
        "scopes": list(grant.scopes),
        "state": grant.state,
        "refreshed_at": grant.refreshed_at,
        "version": grant.version,
        "lease_owner": grant.lease_owner,
        "lease_until": grant.lease_until,
    }
