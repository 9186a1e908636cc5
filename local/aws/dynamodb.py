"""moto's DynamoDB, asked without what moto's web server does for every service (moto 5.2.5).

There each call becomes a request that is searched for forms, files and addresses on its way to the service: most of the
time of a call, and nine of ten calls are DynamoDB's. It is read and answered by the same code here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import moto.dynamodb.models  # noqa: F401 - its handler cannot be imported before it
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.responses import DynamoHandler

TARGET = "X-Amz-Target"

_REGION = re.compile(r"Credential=[^/]+/[^/]+/([^/]+)/")


def is_asked(target: str) -> bool:
    """Whether a request with this X-Amz-Target is DynamoDB's."""
    return target.startswith("DynamoDB_")


def answer(headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], str | bytes]:
    """Status, headers and body, for a signed request whose headers are named as HTTP writes them."""
    region = _REGION.search(headers["Authorization"])
    handler: Any = DynamoHandler()
    handler.headers, handler.querystring, handler.response_headers = headers, {}, {}
    handler.region, handler.partition = region[1] if region else "", "aws"
    handler.current_account = DEFAULT_ACCOUNT_ID
    handler.uri, handler.uri_match = "/", {}
    handler.parse_parameters(_Request(headers, body, headers["Content-Type"]))
    status, told, said = handler.call_action()
    return int(status), dict(told), said


@dataclass(frozen=True)
class _Request:
    """As much of one as moto's parser looks at."""

    headers: Mapping[str, str]
    data: bytes
    content_type: str
    method: str = "POST"
    path: str = "/"
    values: dict[str, str] = field(default_factory=dict)
