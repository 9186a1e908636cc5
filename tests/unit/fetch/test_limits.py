"""Which limit a 429 is about, and how long to wait (XR-1, facts.md 4)."""

from __future__ import annotations

import pytest

from ledgercast.xero.limits import limited


@pytest.mark.parametrize(
    ("headers", "reason", "seconds"),
    [
        ({"X-Rate-Limit-Problem": "minute", "Retry-After": "23"}, "xero.limit.minute", 23),
        ({"X-Rate-Limit-Problem": "Minute limit"}, "xero.limit.minute", 60),
        ({"X-Rate-Limit-Problem": "appminute", "Retry-After": "5"}, "xero.limit.minute", 5),
        ({"X-Rate-Limit-Problem": "concurrent"}, "xero.limit.concurrent", 2),
        ({"x-rate-limit-problem": "CONCURRENT", "retry-after": "1"}, "xero.limit.concurrent", 1),
        ({"X-Rate-Limit-Problem": "day", "Retry-After": "66975"}, "xero.limit.day", 66_975),
        ({"X-Rate-Limit-Problem": "DayLimit"}, "xero.limit.day", 86_400),
        ({"X-Rate-Limit-Problem": "daily", "Retry-After": "10"}, "xero.limit.day", 10),
        ({}, "xero.limit.minute", 60),
        ({"Retry-After": "30"}, "xero.limit.minute", 30),
        ({"Retry-After": "4000"}, "xero.limit.day", 4000),
        ({"Retry-After": "0"}, "xero.limit.minute", 1),
        ({"Retry-After": "1.2"}, "xero.limit.minute", 2),
        ({"Retry-After": "Wed, 25 Nov 2026 09:00:00 GMT"}, "xero.limit.minute", 60),
        ({"Retry-After": "nan"}, "xero.limit.minute", 60),
    ],
)
def test_the_kind_of_limit_is_found_inside_the_headers_text(headers: dict[str, str], reason: str, seconds: int) -> None:
    found = limited(headers)
    assert (found.reason, found.seconds) == (reason, seconds)
