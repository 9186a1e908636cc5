"""The accounting API: who may call what, and which endpoint answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from local.xero import lists
from local.xero.answers import Answer, Refusal, as_json, as_xml, instant, problem
from local.xero.books import ZONES, Books
from local.xero.identity import Access, Identity
from local.xero.limits import Limits
from local.xero.reports import REPORTS, report

PREFIX = "/api.xro/2.0/"
LISTS: dict[str, Callable[[Books, Mapping[str, str], date], dict[str, Any]]] = {
    "organisation": lists.organisation,
    "accounts": lists.accounts,
    "contacts": lists.contacts,
    "invoices": lists.invoices,
    "creditnotes": lists.credit_notes,
    "prepayments": lists.prepayments,
    "overpayments": lists.overpayments,
}
#: Any one of these opens the endpoint; the second is the broad scope of older apps.
SCOPES = {
    "organisation": ("accounting.settings.read",),
    "accounts": ("accounting.settings.read",),
    "contacts": ("accounting.contacts.read",),
    "invoices": ("accounting.invoices.read", "accounting.transactions.read", "accounting.transactions"),
    "creditnotes": ("accounting.invoices.read", "accounting.transactions.read", "accounting.transactions"),
    "prepayments": ("accounting.payments.read", "accounting.transactions.read", "accounting.transactions"),
    "overpayments": ("accounting.payments.read", "accounting.transactions.read", "accounting.transactions"),
    "profitandloss": ("accounting.reports.profitandloss.read", "accounting.reports.read"),
    "banksummary": ("accounting.reports.banksummary.read", "accounting.reports.read"),
    "balancesheet": ("accounting.reports.balancesheet.read", "accounting.reports.read"),
    "agedreceivablesbycontact": ("accounting.reports.aged.read", "accounting.reports.read"),
    "agedpayablesbycontact": ("accounting.reports.aged.read", "accounting.reports.read"),
}
NOT_FOUND = Answer(404, b"The resource you're looking for cannot be found", "text/plain; charset=utf-8")


class Accounting:
    def __init__(self, books: list[Books], identity: Identity, limits: Limits, clock: Callable[[], datetime]) -> None:
        self.books = {one.organisation.id: one for one in books}
        self.identity = identity
        self.limits = limits
        self.clock = clock
        self.without_reports: set[str] = set()  # Xero users whose role may not read reports
        self.problem_style = "capital"  # or "lower", "extended": how 401 and 403 are spelt

    def handle(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The answer to one call; limits are counted once the caller is known to belong to the organisation."""
        if method != "GET":
            return as_json({"Title": "Method Not Allowed", "Status": 405}, 405, {"Allow": "GET"})
        try:
            access = self.identity.access(headers.get("authorization"), self.problem_style)
            tenant = headers.get("xero-tenant-id", "")
            if tenant not in self.books or not self.identity.may_read(access, tenant):
                raise Refusal(problem(403, "AuthenticationUnsuccessful", self.problem_style))
        except Refusal as refusal:
            return refusal.answer
        now = self.clock()
        if limited := self.limits.enter(tenant, now):
            return limited
        try:
            answer = self._answer(access, tenant, path, query, headers)
        except Refusal as refusal:
            answer = refusal.answer
        finally:
            self.limits.leave(tenant)
        counted = {**answer.headers, **self.limits.headers(tenant, now), "Xero-Correlation-Id": str(uuid4())}
        return Answer(answer.status, answer.body, answer.kind, counted)

    def _answer(
        self, access: Access, tenant: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> Answer:
        name, is_report = _endpoint(path)
        if name not in SCOPES:
            return NOT_FOUND
        self._permit(access, name, is_report=is_report)
        known = self.books[tenant]
        now = self.clock()
        today = now.astimezone(ZoneInfo(ZONES.get(known.organisation.timezone, "UTC"))).date()
        asked = {key.lower(): value for key, value in query.items()}
        if "if-modified-since" in headers:
            asked["modified-since"] = _since(headers["if-modified-since"]).isoformat()
        books = known.known(today)
        content = report(name, books, asked, today, now) if is_report else LISTS[name](books, asked, today)
        frame = {"Id": str(uuid4()), "Status": "OK", "ProviderName": "Ledgercast", "DateTimeUTC": instant(now)}
        wants_json = "json" in headers.get("accept", "")
        return as_json({**frame, **content}) if wants_json else as_xml({**frame, **content})

    def _permit(self, access: Access, name: str, *, is_report: bool) -> None:
        if not access.scopes & set(SCOPES[name]):
            challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
            raise Refusal(problem(401, "AuthorizationUnsuccessful", self.problem_style, challenge))
        if is_report and access.user in self.without_reports:
            raise Refusal(problem(403, "AuthenticationUnsuccessful", self.problem_style))


def _endpoint(path: str) -> tuple[str, bool]:
    """The endpoint's name in lower case, and whether it is a report."""
    parts = path.removeprefix(PREFIX).strip("/").lower().split("/")
    if parts[0] == "reports" and len(parts) == 2:
        return (parts[1], True) if parts[1] in REPORTS else ("", True)
    return (parts[0], False) if len(parts) == 1 and parts[0] in LISTS else ("", False)


def _since(text: str) -> datetime:
    """HTTP's date, or the ISO form that Xero takes too; always UTC."""
    return datetime.fromisoformat(text) if re.match(r"\d{4}-", text) else parsedate_to_datetime(text)
