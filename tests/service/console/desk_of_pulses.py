"""A workspace in which pulses can be made: an organisation, a Slack workspace with channels, and a machine that only
notes what it is asked to run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ledgercast.domain.pulses import Pulse
from ledgercast.domain.runs import Run
from ledgercast.slack.channels import Channel
from tests.service.console.forms import Form, form
from tests.service.console.pages import Pages, furnish
from tests.service.console.world import Console
from tests.service.web.browser import Answer, Browser

NEW = "/pulses/new"
FINANCE, BOARD, OLD, SHARED = "C000000001", "C000000002", "C000000003", "C000000004"
WEEKLY = {"every": "week", "at": "09:00", "days": ["mon"], "timezone": "Europe/London"}
BODY: dict[str, Any] = {
    "connection": "x-1",
    "metric": "revenue",
    "destinations": [{"kind": "slack", "channel": FINANCE}, {"kind": "email", "addresses": ["ada@example.com"]}],
    "schedule": WEEKLY,
    "summary": "template",
    "state": "active",
}


def channel(id_: str, name: str, **more: bool) -> Channel:
    return Channel(id=id_, name=name, **{"private": False, "member": True, "archived": False, "shared": False, **more})


@dataclass
class Machine:
    """Notes every start."""

    started: list[tuple[str, str, bool]] = field(default_factory=list)

    def start(self, pulse: str, slot: str, *, resume: bool = False, workspace: str = "main") -> str:
        self.started.append((pulse, slot, resume))
        return f"arn:{pulse}:{slot}"


@dataclass
class PulseDesk:
    pages: Pages
    machine: Machine

    @property
    def desk(self) -> Console:
        return self.pages.desk

    def person(self, role: Any = "member") -> Browser:
        browser = self.pages.person(role)
        browser.get("/pulses")
        return browser

    def new(self, person: Browser, query: str = "") -> Form:
        return form(person.get(NEW + query), NEW)

    def made(self, person: Browser, **more: Any) -> str:
        """The id of a pulse that was made through the API."""
        answer = person.call("POST", "/api/v1/pulses", {**BODY, **more})
        assert answer.status == 201, answer.body
        return str(answer.json["id"])

    def kept(self) -> list[Pulse]:
        return self.desk.deps.pulses.store.list()

    def ran(self, pulse: str, slot: str, state: str, reason: str | None = None, at: str = "") -> Run:
        """A run as the machine leaves it behind."""
        began = at or "2026-11-25T08:00:00.000Z"
        index = "RUNNING#main" if state == "running" else "RUNS#main"
        row = {"execution": "e", "attempt": 1, "state": state, "reason": reason, "started_at": began}
        ended = {} if state == "running" else {"finished_at": began}
        keys = {"pk": f"WS#main#PULSE#{pulse}", "sk": f"RUN#{slot}", "gsi1pk": index, "gsi1sk": began}
        self.desk.web.state.put({**keys, **row, **ended})
        return Run.from_item({**keys, **row, **ended})

    def acts(self) -> list[str]:
        return [one for one in self.desk.web.acts() if one.startswith("pulse.")]


def desk_of_pulses(desk: Console) -> PulseDesk:
    pages = furnish(desk)
    pages.connect(timezone="Europe/London")
    pages.install()
    pages.slack.channels = [
        channel(FINANCE, "finance"),
        channel(BOARD, "board", private=True),
        channel(OLD, "old-books", archived=True),
        channel(SHARED, "with-auditors", shared=True),
        channel("C000000005", "finance-team"),
    ]
    machine = Machine()
    on_time = replace(desk.deps.pulses, now=desk.web.clock)
    desk.deps = replace(desk.deps, executions=machine, pulses=on_time)  # type: ignore[arg-type]
    return PulseDesk(pages, machine)


def state_of(answer: Answer) -> str:
    """`data-state` of the page's pulse."""
    return answer.body.partition('data-pulse="')[2].partition('data-state="')[2].partition('"')[0]
