"""The files of `make demo` (contracts.md 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledgercast.domain.recipients import address_hash
from local.demo import streams
from local.demo.page import Chart, Mail, mail_of, page
from local.demo.results import Run, Sent, parts_of, slack_entries
from local.slack.page import thread_html
from local.system import System


def write(system: System, runs: list[Run], summary: dict[str, Any], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    charts: list[Chart] = []
    mails: list[Mail] = []
    entries: list[dict[str, Any]] = []
    for run in runs:
        sent = parts_of(system, run)
        charts.append(_chart(system, run, out))
        mails.extend(_mails(system, run, sent, out))
        entries.extend(slack_entries(system, run, sent))
    streamed = list(streams.slack_entries(system))
    _json(out / "slack.json", sorted(entries + streamed, key=lambda one: str(one["at"])))
    _json(out / "summary.json", summary)
    entries.sort(key=lambda one: str(one["at"]))
    thread = thread_html(entries, lambda file: f"{file['metric']}.png")
    events = thread_html(streamed, lambda _: None) if streamed else ""
    source = "the Xero sandbox" if system.xero else "the configured Xero"
    text = page(summary, charts, thread, mails, events, source=source, sandbox=system.slack is not None)
    (out / "index.html").write_text(text)


def _chart(system: System, run: Run, out: Path) -> Chart:
    """The run's facts and image as they were sent; a run that failed before may have neither."""
    metric = run.pulse.metric
    facts = system.artefacts.get_json(run.key("facts.json"))
    details = system.artefacts.get_json(run.key("chart.json")) or {}
    image = None
    if facts:
        _json(out / f"{metric}.facts.json", facts)
    if details.get("sha256"):
        image = f"{metric}.png"
        (out / image).write_bytes(system.artefacts.get(run.key("chart.png")))
    checks = tuple(check["ok"] for check in (facts or {}).get("checks", ()))
    return Chart(metric, (facts or {}).get("title", metric), image, details.get("alt", "No chart was made"), checks)


def _mails(system: System, run: Run, sent: list[Sent], out: Path) -> Iterator[Mail]:
    """Each mail as the mail server took it, found by the id it gave; the first of a list is shown on the page."""
    letters = {letter.id: letter for letter in system.runtime.mail()}
    receipts = {one.part: one.outcome.get("receipt") for one in sent}
    addresses = [address for one in run.pulse.destinations for address in one.addresses]
    for number, address in enumerate(addresses, start=1):
        letter = letters.get(receipts.get(address_hash(address)) or "")
        if letter is None:
            continue
        file = out / "mail" / f"{run.pulse.metric}-{number}.eml"
        file.parent.mkdir(exist_ok=True)
        raw = letter.raw.encode()
        file.write_bytes(raw)
        if number == 1:
            yield mail_of(f"mail/{file.name}", raw)


def _json(file: Path, body: Any) -> None:
    file.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
