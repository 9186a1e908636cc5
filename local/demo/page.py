"""index.html of the demo: everything to look at, in one page without an outside asset."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader


@dataclass(frozen=True)
class Chart:
    metric: str
    title: str
    image: str | None
    alt: str
    checks: tuple[bool | None, ...]


@dataclass(frozen=True)
class Mail:
    file: str
    subject: str
    to: str
    html: str


def page(
    summary: Mapping[str, Any],
    charts: Iterable[Chart],
    slack: str,
    mails: Iterable[Mail],
    events: str,
    *,
    source: str,
    sandbox: bool,
) -> str:
    """The page as text. `slack` and `events` (the streams' channel) are finished fragments; all else is escaped."""
    charts = list(charts)
    results = [ok for chart in charts for ok in chart.checks]
    deliveries = [one for run in summary["runs"] for one in run["deliveries"]]
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return environment.get_template("page.html.j2").render(
        summary=summary,
        charts=charts,
        slack=slack,
        mails=list(mails),
        events=events,
        heard=sum(one["status"] == "sent" for one in summary["events"]),
        source=source,
        sandbox=sandbox,
        when=summary["finished"].replace("T", " ")[:16] + " UTC",
        delivered=sum(one["status"] == "sent" for one in deliveries),
        expected=len(deliveries),
        checks={"ok": results.count(True), "all": len(results), "unknown": results.count(None)},
        calls=", ".join(f"{n} × {name}" for name, n in sorted(summary["xero_calls"]["by_report"].items())),
    )


def mail_of(file: str, raw: bytes) -> Mail:
    """A mail as a reader's program shows it: its HTML with the inline chart put in place."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    html = message.get_body(("html",))
    shown = html.get_content() if html else ""
    for part in message.walk():
        identifier = str(part.get("Content-ID", "")).strip("<>")
        if identifier:
            shown = shown.replace(f"cid:{identifier}", _data_address(part))
    return Mail(file, str(message["Subject"]), str(message["To"]), shown)


def _data_address(part: EmailMessage) -> str:
    content = part.get_content()
    return f"data:{part.get_content_type()};base64,{base64.b64encode(content).decode()}"
