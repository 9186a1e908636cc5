"""A small double-entry ledger and the documents behind it: the one truth that every report and list is made of.

Base-currency amounts are Decimals with two places, debit positive. A posting says on which day it counts (`day`) and on
which day somebody typed it in (`entered`): an entry typed in later than the sandbox's today does not exist yet.
Home value of a foreign amount = amount / rate, half up to cents (`CurrencyRate` is foreign per base).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

#: Xero's names of time zones (Windows names without spaces, upper case) that the sandbox knows.
ZONES = {
    "UTC": "UTC",
    "GMTSTANDARDTIME": "Europe/London",
    "WEUROPESTANDARDTIME": "Europe/Berlin",
    "NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
    "AUSEASTERNSTANDARDTIME": "Australia/Sydney",
    "EASTERNSTANDARDTIME": "America/New_York",
    "PACIFICSTANDARDTIME": "America/Los_Angeles",
    "TOKYOSTANDARDTIME": "Asia/Tokyo",
    "SINGAPORESTANDARDTIME": "Asia/Singapore",
}
REVENUE_TYPES = ("SALES", "REVENUE")
EARNING_CLASSES = ("REVENUE", "EXPENSE")
CURRENCY_SYSTEM = ("BANKCURRENCYGAIN", "REALISEDCURRENCYGAIN", "UNREALISEDCURRENCYGAIN")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Organisation:
    id: str
    name: str
    currency: str
    timezone: str
    short_code: str
    country: str
    year_end: tuple[int, int] = (3, 31)  # month, day
    created: date = date(2021, 4, 1)


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    code: str
    name: str
    type: str
    klass: str
    system: str | None = None
    currency: str | None = None  # bank accounts alone

    @property
    def earning(self) -> bool:
        """Whether the account belongs to the Profit and Loss."""
        return self.klass in EARNING_CLASSES


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str
    email: str
    customer: bool
    supplier: bool


@dataclass(frozen=True, slots=True)
class Posting:
    day: date
    account: Account
    amount: Decimal
    kind: str
    entered: date
    entry: int = 0  # postings of one entry sum to zero


@dataclass(frozen=True, slots=True)
class Payment:
    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    day: date
    amount: Decimal
    other: str  # id of the document on the other side


@dataclass(frozen=True, slots=True)
class Line:
    account: Account
    net: Decimal
    tax: Decimal
    description: str = ""


@dataclass(slots=True)
class Document:
    """An invoice, bill, credit note, prepayment or overpayment; amounts are in its own currency."""

    id: str
    number: str
    type: str
    contact: Contact
    day: date
    due: date | None
    currency: str
    rate: Decimal
    total: Decimal
    status: str
    lines: list[Line]
    entered: date
    reference: str = ""
    payments: list[Payment] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    changed: datetime | None = None  # by hand, after the story was told

    @property
    def sales(self) -> bool:
        """Whether it belongs to the debtors' side."""
        return self.type.startswith(("ACCREC", "RECEIVE"))

    @property
    def credit(self) -> bool:
        return self.type not in ("ACCREC", "ACCPAY")

    @property
    def posts(self) -> bool:
        return self.status in ("AUTHORISED", "PAID")

    @property
    def paid(self) -> Decimal:
        return sum((p.amount for p in self.payments), ZERO)

    @property
    def allocated(self) -> Decimal:
        """Of an invoice what credits took off it; of a credit what was used up."""
        return sum((a.amount for a in self.allocations), ZERO)

    @property
    def amount_due(self) -> Decimal:
        return ZERO if self.status in ("VOIDED", "DELETED") else self.total - self.paid - self.allocated

    @property
    def remaining(self) -> Decimal:
        """What is left of a credit; the same figure as `amount_due` under the name credits have for it."""
        return self.amount_due

    def due_at(self, on: date) -> Decimal:
        """Still due counting payments and allocations up to that day; zero before the document's own day."""
        if on < self.day or not self.posts:
            return ZERO
        moves: list[Payment | Allocation] = [*self.payments, *self.allocations]
        return self.total - sum((move.amount for move in moves if move.day <= on), ZERO)

    def home(self, amount: Decimal) -> Decimal:
        return cents(amount / self.rate)


class Ledger:
    """Running balances per account, so that any span is two look-ups."""

    def __init__(self, postings: Iterable[Posting]) -> None:
        self._days: dict[str, list[date]] = defaultdict(list)
        self._balances: dict[str, list[Decimal]] = defaultdict(list)
        for posting in sorted(postings, key=lambda p: p.day):
            days, balances = self._days[posting.account.id], self._balances[posting.account.id]
            days.append(posting.day)
            balances.append((balances[-1] if balances else ZERO) + posting.amount)

    def balance(self, account: Account, to: date) -> Decimal:
        """Debit balance at the end of that day."""
        index = bisect_right(self._days.get(account.id, []), to)
        return self._balances[account.id][index - 1] if index else ZERO

    def movement(self, account: Account, start: date, to: date) -> Decimal:
        return self.balance(account, to) - self.balance(account, start - timedelta(days=1))


@dataclass
class Books:
    organisation: Organisation
    accounts: list[Account] = field(repr=False)
    contacts: list[Contact] = field(repr=False)
    documents: list[Document] = field(repr=False)
    postings: list[Posting] = field(repr=False)
    today: date

    def account(self, *, system: str) -> Account:
        return next(account for account in self.accounts if account.system == system)

    def known(self, on: date) -> Books:
        """These books as they stand on that day: what was entered later is not there yet."""
        if on not in self._known:
            self._known[on] = (
                self
                if on >= self._last_entered
                else replace(
                    self,
                    documents=[d for d in self.documents if d.entered <= on],
                    postings=[p for p in self.postings if p.entered <= on],
                )
            )
        return self._known[on]

    def forget(self) -> None:
        """What was worked out from the books, after they were changed."""
        for name in ("ledger", "_known", "_last_entered"):
            self.__dict__.pop(name, None)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.postings)

    @cached_property
    def _known(self) -> dict[date, Books]:
        return {}

    @cached_property
    def _last_entered(self) -> date:
        entered = [*(p.entered for p in self.postings), *(d.entered for d in self.documents)]
        return max(entered, default=date.min)
