"""The edge of one function: an event in, a handler's Reply out, every refusal, header and fault in between.

The order of a request: decode, find the route, load the session, refuse who may not enter, check origin, body and
CSRF of a state change, run the handler, render, add the headers. Whatever fails on the way becomes an answer with a
status of 4xx, or a page with an error id and nothing else (LG-3); the log has the route's key, the status and the
error's kind and place, never a path, a query, a field or an exception's own words (LG-1).
"""

from __future__ import annotations

import base64
import traceback
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from ledgercast.observability import logger
from ledgercast.web.edge import Edge, WebSettings
from ledgercast.web.events import BadRequest, Request, read_body, read_head
from ledgercast.web.guard import FORM_COOKIE, check_csrf, check_origin, entry, known_csrf, new_csrf, refuse, stage_of
from ledgercast.web.headers import cookie_line, security_headers
from ledgercast.web.render import csrf_field, render
from ledgercast.web.reply import Cookie, Reply, error_reply, not_found, problem, redirect, text
from ledgercast.web.routes import STATE_CHANGES, Route, Who
from ledgercast.web.sessions import SessionEnded
from ledgercast.web.visit import FormError, Visit


class HasEdge(Protocol):
    @property
    def edge(self) -> Edge: ...


D = TypeVar("D", bound=HasEdge)
Answer = Callable[[Visit, D], Reply]


class App(Generic[D]):
    """`compose` is called once a request and reads the environment; `templates` is the function's own folder."""

    def __init__(self, service: str, compose: Callable[[], D], templates: Path | None = None) -> None:
        self.routes: list[Route] = []
        self._compose = compose
        self._templates = templates
        self._log = logger(service)

    def route(self, method: str, pattern: str, *, who: Who, csrf: bool = True) -> Callable[[Answer[D]], Answer[D]]:
        """Register a handler. `csrf=False` is for machines without a session alone, whose body is not read."""

        def register(answer: Answer[D]) -> Answer[D]:
            self.routes.append(Route(method, pattern, who, csrf, answer))
            return answer

        return register

    def handle(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        """The Lambda handler: payload format 2.0 in, its answer out. Never raises."""
        visit, route = None, None
        try:
            deps = self._compose()
            settings = deps.edge.settings
            head = read_head(event, local=settings.local)
            route, params = self._find(head)
            visit = self._visit(deps.edge, head, route, params)
            visit, reply = self._answer(event, deps, head, route, visit)
            answer = self._finished(reply, visit, settings, bare=head.method == "HEAD")
        except BadRequest as bad:
            answer = self._refused(visit, event, bad)
        except Exception as fault:
            answer = self._broken(visit, event, fault)
        told = {"route": route.key if route else "none", "status": answer["statusCode"]}
        self._log.info("answered", extra={**told, "request": getattr(context, "aws_request_id", "")})
        return answer

    def _find(self, head: Request) -> tuple[Route, dict[str, str]]:
        """Raises BadRequest where there is no such page, or not by this method."""
        method = "GET" if head.method == "HEAD" else head.method
        known: set[str] = set()
        for route in sorted(self.routes, key=lambda one: one.pattern.count("{")):
            params = route.match(head.path)
            if params is not None and route.method == method:
                return route, params
            if params is not None:
                known.add(route.method)
        if known:
            raise BadRequest(405, "This address does not do that.", allow=", ".join(sorted(known)))
        raise BadRequest(404, _NOTHING_HERE)

    def _visit(self, edge: Edge, head: Request, route: Route, params: dict[str, str]) -> Visit:
        session, member = entry(edge, dict(head.cookies))
        return Visit(
            method="GET" if head.method == "HEAD" else head.method,
            path=head.path,
            route=route.pattern,
            params=params,
            query=dict(head.query),
            form={},
            fields=(),
            json=None,
            headers=head.headers,
            cookies=head.cookies,
            address=head.address,
            now=edge.now(),
            session=session,
            member=member,
            csrf=known_csrf(session, dict(head.cookies)),
        )

    def _answer(self, event: dict[str, Any], deps: D, head: Request, route: Route, visit: Visit) -> tuple[Visit, Reply]:
        changes = route.method in STATE_CHANGES
        if changes and route.csrf:
            check_origin(head, deps.edge.settings)
        refusal = refuse(route, visit)
        if refusal:
            if refusal.status == 403 and visit.member:
                deps.edge.audit.note("access.denied", visit.actor, visit.address, route.key, "forbidden")
            return visit, refusal
        if changes and route.csrf:
            fields, body = read_body(event, head)
            visit = replace(visit, form=dict(fields), fields=fields, json=body)
            check_csrf(visit, visit.csrf)
        try:
            return visit, route.answer(visit, deps)
        except FormError as wrong:
            return visit, _unfit(visit, wrong)
        except SessionEnded:
            return visit, redirect("/sign-in").without_session()

    def _finished(
        self, reply: Reply, visit: Visit | None, settings: WebSettings | None, *, bare: bool = False
    ) -> dict[str, Any]:
        settings = settings or WebSettings(public_url="")
        body, cookies = reply.body, list(reply.cookies)
        headers = security_headers(reply, settings)
        if reply.template:
            headers.setdefault("Content-Type", "text/html; charset=utf-8")
            csrf = reply.csrf or (visit.csrf if visit else "")
            if visit and not csrf:
                csrf = new_csrf()
                cookies.append(Cookie(FORM_COOKIE, csrf))
            body = self._rendered(reply, visit, csrf)
        if reply.file:  # API Gateway takes bytes as base64 alone
            body = base64.b64encode(reply.file).decode()
        return {
            "statusCode": reply.status,
            "headers": headers,
            "cookies": [cookie_line(cookie, local=settings.local) for cookie in cookies],
            "body": "" if bare else body,
            "isBase64Encoded": bool(reply.file) and not bare,
        }

    def _rendered(self, reply: Reply, visit: Visit | None, csrf: str) -> str:
        inside = visit is not None and stage_of(visit) in ("member", "owner")
        values = {
            "member": visit.member if visit and inside else None,
            "path": visit.path if visit else "",
            "csrf": csrf,
            "csrf_field": lambda: csrf_field(csrf),
            "alert": None,
            "notice": None,
            **reply.values,
        }
        return render(self._templates, reply.template, values)

    def _refused(self, visit: Visit | None, event: dict[str, Any], bad: BadRequest) -> dict[str, Any]:
        reply = _plain(event, bad.status, str(bad))
        return self._last(reply.with_headers(Allow=bad.allow) if bad.allow else reply, visit)

    def _broken(self, visit: Visit | None, event: dict[str, Any], fault: Exception) -> dict[str, Any]:
        error = uuid.uuid4().hex[:12]
        place = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(fault.__traceback__)]
        self._log.error("failed", extra={"error": error, "kind": type(fault).__name__, "place": place[-8:]})
        return self._last(_plain(event, 500, f"Something went wrong on our side. Error {error}."), visit)

    def _last(self, reply: Reply, visit: Visit | None) -> dict[str, Any]:
        """The answer of a fault: even where the settings or the templates are what failed."""
        try:
            settings = self._compose().edge.settings
        except Exception:
            settings = None
        try:
            return self._finished(reply, visit, settings)
        except Exception:
            message = str(reply.values.get("message", "Something went wrong on our side."))
            return self._finished(text(message, reply.status), None, settings)


_NOTHING_HERE = str(not_found().values["message"])


def _plain(event: dict[str, Any], status: int, message: str) -> Reply:
    """The answer without a handler: JSON for the API, a page for people."""
    if str(event.get("rawPath") or "").startswith("/api/"):
        return error_reply(_CODES.get(status, "bad_request"), message, status)
    return problem(status, _TITLES.get(status, "This cannot be done"), message)


def _unfit(visit: Visit, wrong: FormError) -> Reply:
    if visit.is_api:
        return error_reply("invalid", str(wrong), 422)
    return problem(422, "Please check what was entered", str(wrong))


_CODES = {
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_type",
    500: "internal",
}
_TITLES = {403: "Not accepted", 404: "Not found", 405: "Not possible", 500: "Something went wrong"}
