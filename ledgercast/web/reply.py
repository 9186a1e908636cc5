"""What a handler answers: a page to be rendered, a redirect, JSON or text.

A page is rendered by App, after the handler, with the visitor's own values (member, csrf, banner) at hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledgercast.domain.accounts import Session
from ledgercast.web.paths import own_path

SESSION_COOKIE = "session"


@dataclass(frozen=True)
class Cookie:
    """Always HttpOnly and SameSite=Lax; Secure and named `__Host-…` except on the local runtime."""

    name: str
    value: str = field(repr=False)
    max_age: int | None = None


@dataclass(frozen=True)
class Reply:
    """`template` with `values` is rendered into the body; `file` is a body that is no text. `form_action` names further
    origins that a form of this page may lead to. `referrer` is the page's referrer policy, `csrf` what its forms carry
    where that is not the visit's."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    file: bytes = field(default=b"", repr=False)
    cookies: tuple[Cookie, ...] = ()
    template: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    form_action: tuple[str, ...] = ()
    referrer: str = "same-origin"
    csrf: str = field(default="", repr=False)

    def with_cookies(self, *cookies: Cookie) -> Reply:
        return replace(self, cookies=(*self.cookies, *cookies))

    def with_session(self, value: str, session: Session) -> Reply:
        """The answer that hands out a new session: `page(...).with_session(*edge.sessions.rotate(session))`."""
        return replace(self.with_cookies(Cookie(SESSION_COOKIE, value)), csrf=session.csrf)

    def without_session(self) -> Reply:
        return self.with_cookies(Cookie(SESSION_COOKIE, "", 0))

    def with_headers(self, **headers: str) -> Reply:
        """Header names with underscores for hyphens: `with_headers(Retry_After="30")`."""
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})

    def without_referrer(self) -> Reply:
        """For pages whose address carries a token."""
        return replace(self, referrer="no-referrer")


def page(template: str, status: int = 200, *, form_action: tuple[str, ...] = (), **values: Any) -> Reply:
    """A page. base.html.j2 shows `alert` (role="alert") and `notice` (role="status") when they are given.

    A value `next` that leads on to Xero or Slack lets the page's forms lead there too; other origins are named in
    `form_action`.
    """
    return Reply(status, template=template, values=values, form_action=form_action)


def redirect(to: str, *cookies: Cookie, status: int = 303) -> Reply:
    """To a path of this site. Raises ValueError for anything else: what a visitor named passes `safe_next` first."""
    if not own_path(to):
        raise ValueError("a redirect must lead to a path of this site")
    return Reply(status, {"Location": to}, cookies=cookies)


def redirect_to_provider(address: str, origin: str, *cookies: Cookie) -> Reply:
    """To an address that we built for a provider, whose origin is a setting. Raises ValueError when it is another's."""
    if not address.startswith(f"{origin}/"):
        raise ValueError("the address does not belong to the provider")
    return Reply(303, {"Location": address}, cookies=cookies)


def json_reply(body: Any, status: int = 200) -> Reply:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Reply(status, {"Content-Type": "application/json; charset=utf-8"}, text)


def error_reply(code: str, message: str, status: int) -> Reply:
    """The API's error: {"error": {"code", "message"}}."""
    return json_reply({"error": {"code": code, "message": message}}, status)


def problem(status: int, title: str, message: str) -> Reply:
    """A page that says what is wrong and leads home."""
    return page("problem.html.j2", status, title=title, message=message)


def not_found() -> Reply:
    return problem(404, "Not found", "There is nothing at this address, or it is not yours to see.")


def text(body: str, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, body)


def picture(body: bytes) -> Reply:
    """A PNG for a page of ours."""
    return Reply(200, {"Content-Type": "image/png"}, file=body)


def download(body: bytes, content_type: str, name: str) -> Reply:
    """A file that browsers save and never show; `name` is in plain letters."""
    headers = {"Content-Type": content_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return Reply(200, headers, file=body)


def asset(body: str, content_type: str) -> Reply:
    """A file whose address carries its hash: kept by browsers for a year."""
    headers = {"Content-Type": content_type, "Cache-Control": "public, max-age=31536000, immutable"}
    return Reply(200, headers, body)
