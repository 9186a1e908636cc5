"""What must never be seen in a browser on the way, whatever a test is about: it is collected and judged at the end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

_LEFT = "net::ERR_ABORTED"  # the person went on before it was there
_REFUSED = "Failed to load resource: the server responded with a status of 4"


@dataclass
class Watch:
    """`site` is our own origin, `providers` those that a person is led to by us."""

    site: str
    providers: Collection[str]
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"a script failed: {error.error}"))

    def _asked(self, request: Request) -> None:
        there = urlsplit(request.url)
        origin = f"{there.scheme}://{there.netloc}"
        if there.scheme == "data":
            return
        if origin != self.site and not (origin in self.providers and request.is_navigation_request()):
            self.faults.append(f"{origin} was asked for: {request.resource_type}")

    def _failed(self, request: Request) -> None:
        if request.failure != _LEFT:
            self.faults.append(f"{_place(request.url)} could not be loaded: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{_place(response.url)} answered {response.status}")
        ours = response.url.startswith(f"{self.site}/") and "/_local/" not in response.url
        policy = response.headers.get("content-security-policy", "")
        if ours and "default-src 'none'" not in policy:
            self.faults.append(f"{_place(response.url)} has no policy")

    def _said(self, message: ConsoleMessage) -> None:
        """Everything but a form that was refused, whose status Chromium tells as an error: that is what it is for."""
        if message.type in ("error", "warning") and not message.text.startswith(_REFUSED):
            self.faults.append(f"the console says at {_place(message.location['url'])}: {message.text}")


def _place(address: str) -> str:
    return urlsplit(address).path
