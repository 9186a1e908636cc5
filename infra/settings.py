"""What an operator chooses at deployment: context values of cdk.json, or `-c name=value`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.model import is_model
from ledgercast.domain.errors import SettingsError
from ledgercast.xero.scopes import wanted

_ADDRESS = re.compile(r"[^@\s<>]+@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)


@dataclass(frozen=True)
class Pace:
    """How often and how patiently the pipeline tries again; the local runtime shortens it.

    `retry_seconds` is the first pause after an error and doubles up to a minute; `fetch_waits` and `deliver_waits`
    bound how many waits, each as long as Xero or Slack asked for, one run or one delivery may take. `stream_seconds` is
    how long the stream works on a batch at most, `stream_hidden` when a batch comes again that it died of: six times as
    long, as AWS advises.
    """

    retry_seconds: int = 2
    retry_attempts: int = 6
    fetch_waits: int = 20
    deliver_waits: int = 20
    stream_seconds: int = 60
    stream_hidden: int = 360


@dataclass(frozen=True)
class Settings:
    """`owner` hears of alarms; mail leaves from `sender`, whose domain becomes the SES identity.

    Days: `snapshot_days` for Xero's answers kept for reuse, `run_days` for what was sent (facts, chart, summary).
    `requests_per_second` is what the API takes, twice as many in a burst; `base_url` the site's own origin where it is
    not the API's address. `xero_scopes` are asked of Xero: a profile, or names.
    `ai_model` is the model in Amazon Bedrock that writes AI summaries; without one there are none, and no permission.
    `webhook_requests_per_second` is what the webhook's own route takes of Xero. Limits of concurrency are off unless
    they are set: `webhook_concurrency` is reserved in the account, `stream_concurrency` (from 2 on) is not.
    `local` points the functions at the source instead of building bundles.
    """

    stage: str
    owner: str
    sender: str
    region: str | None
    pace: Pace
    snapshot_days: int = 2
    run_days: int = 400
    requests_per_second: int = 50
    base_url: str | None = None
    xero_scopes: str = "granular"
    ai_model: str = ""
    webhook_requests_per_second: int = 100
    webhook_concurrency: int | None = None
    stream_concurrency: int | None = None
    local: bool = False

    @classmethod
    def read(cls, context: Callable[[str], Any]) -> Settings:
        """Raises ValueError, naming the context value and what it must look like."""
        stage = str(context("stage") or "")
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", stage):
            raise ValueError(f"-c stage=… must be a short lower-case name such as production; it is {stage!r}")
        return cls(
            stage=stage,
            owner=_address(context, "owner"),
            sender=_address(context, "sender"),
            region=context("region") or None,
            pace=Pace(**{name: _count(context, name, default) for name, default in vars(Pace()).items()}),
            snapshot_days=_count(context, "snapshot_days", cls.snapshot_days),
            run_days=_count(context, "run_days", cls.run_days),
            requests_per_second=_count(context, "requests_per_second", cls.requests_per_second),
            base_url=_origin(context, "base_url"),
            xero_scopes=_scopes(context, "xero_scopes"),
            ai_model=_model(context, "ai_model"),
            webhook_requests_per_second=_count(context, "webhook_requests_per_second", cls.webhook_requests_per_second),
            webhook_concurrency=_limit(context, "webhook_concurrency"),
            stream_concurrency=_limit(context, "stream_concurrency", least=2),
            local=str(context("local")).lower() == "true",
        )

    @property
    def sender_domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @property
    def secret_prefix(self) -> str:
        return f"ledgercast/{self.stage}"


def _address(context: Callable[[str], Any], name: str) -> str:
    value = str(context(name) or "")
    if not _ADDRESS.fullmatch(value):
        raise ValueError(f"-c {name}=… must be an email address such as {name}@example.com; it is {value!r}")
    return value


def _origin(context: Callable[[str], Any], name: str) -> str | None:
    value = context(name)
    if not value:
        return None
    if not re.fullmatch(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+", str(value)):
        raise ValueError(f"-c {name}=… must be https:// and a host name, without a path; it is {value!r}")
    return str(value)


def _scopes(context: Callable[[str], Any], name: str) -> str:
    value = str(context(name) or Settings.xero_scopes)
    try:
        wanted(value)
    except SettingsError:
        raise ValueError(
            f"-c {name}=… must be granular, classic, or permissions of these by name; it is {value!r}"
        ) from None
    return value


def _model(context: Callable[[str], Any], name: str) -> str:
    value = str(context(name) or "")
    if value and not is_model(value):
        raise ValueError(
            f"-c {name}=… must be the id of a model or of an inference profile in Amazon Bedrock, such as "
            f"eu.amazon.nova-lite-v1:0, or the ARN of a model; it is {value!r}"
        )
    return value


def _count(context: Callable[[str], Any], name: str, default: int) -> int:
    value = context(name)
    if value is None:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,4}", str(value)):
        raise ValueError(f"-c {name}=… must be a whole number from 1 on; it is {value!r}")
    return int(value)


def _limit(context: Callable[[str], Any], name: str, least: int = 1) -> int | None:
    value = context(name)
    if value in (None, "", "0", 0):
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,3}", str(value)) or int(value) < least:
        raise ValueError(f"-c {name}=… must be a whole number from {least} on, or 0 for no limit; it is {value!r}")
    return int(value)
