"""What a small coffee roaster does every month: sells, buys, pays its people, moves its money."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from local.xero import company
from local.xero.bookkeeper import Bookkeeper
from local.xero.books import ZERO, Account, Contact, Document, Line, cents
from local.xero.shapes import month_end

SEASON = (0.73, 0.82, 0.95, 1.00, 1.04, 0.97, 0.86, 0.79, 1.05, 1.12, 1.26, 1.38)
#: What is spent more, or less, in some months: hands for the busy season, campaigns, cold weather.
SWINGS = {
    "wages": {1: 0.92, 2: 0.92, 9: 1.04, 10: 1.09, 11: 1.16, 12: 1.2},
    "marketing": {3: 1.5, 10: 1.7, 11: 2.2, 1: 0.5},
    "power": dict.fromkeys((11, 12, 1, 2, 3), 1.35),
    "repairs": {7: 4.5, 2: 2.5},
}
MONTHS = 14


@dataclass(frozen=True)
class Switches:
    name: str = "Harbour & Pine Coffee Ltd"
    currency: str = "GBP"
    timezone: str = "GMTSTANDARDTIME"
    loss_making: bool = False
    no_cost_of_sales: bool = False
    empty: bool = False
    foreign: bool = False
    many_invoices: bool = False
    hostile_names: bool = False
    dated_ahead: bool = False
    unallocated_credits: bool = False
    expense_gain: bool = False
    late_entries: bool = False


def money(amount: float) -> Decimal:
    return Decimal(f"{amount:.2f}")


class Story:
    def __init__(self, keeper: Bookkeeper, rng: random.Random, switches: Switches) -> None:
        self.keeper = keeper
        self.today = keeper.today
        self.rng = rng
        self.switches = switches
        self.contacts: dict[str, Contact] = {}
        # Prices are told in pounds; elsewhere the same business has local figures.
        self.scale = company.POUND[switches.currency]

    def tell(self) -> None:
        """The regular business of every month, as far as today."""
        months = list(months_to(self.today))
        self._open(months[0])
        for index, first in enumerate(months):
            sales = 46_500 * SEASON[first.month - 1] * 1.013**index * self.rng.uniform(0.965, 1.035)
            sales *= 0.52 if self.switches.loss_making else 1
            self._sell(first, sales)
            self._buy(first, sales)
            self._run_payroll_and_journals(first)
            self._move_money(first, index)
            if self.switches.foreign:
                self._trade_abroad(first)
        self._pay_tax(months)

    def _open(self, first: date) -> None:
        eve = first - timedelta(days=1)
        sums = {
            "current": 52_400,
            "savings": 30_000,
            "card": -1_240,
            "till": 180,
            "plant": 86_000,
            "plant_worn": -21_500,
        }
        if self.switches.loss_making:
            sums["current"] += 150_000  # the investors' money it burns
        sums |= {"loan": -38_000, "capital": -20_000}
        legs = [(self.account(key), money(value * self.scale)) for key, value in sums.items()]
        rest = -sum((amount for _, amount in legs), ZERO)
        self.keeper.post(eve, "opening", *legs, (self.account("retained"), rest))

    def _sell(self, first: date, sales: float) -> None:
        for name, share, habit in company.CUSTOMERS:
            parts = self.rng.choice((1, 2, 2, 3))
            for _ in range(parts):
                amount = sales * share / parts * self.rng.uniform(0.85, 1.15)
                day = self.day(first, self.rng.randint(1, 28))
                invoice = self.paper("ACCREC", name, day, 30, "wholesale", amount, 0.2)
                if invoice:
                    self._collect(invoice, habit)
        for name, habit in (("Bean There Workshops", 5), ("City College Catering", 33)):
            if invoice := self.paper(
                "ACCREC", name, self.day(first, self.rng.randint(3, 24)), 14, "training", 1_450, 0.2
            ):
                self._collect(invoice, habit)
        for week in (5, 12, 19, 26):
            self._receive(self.day(first, week), "online", sales * 0.062 * self.rng.uniform(0.8, 1.2), 0.2)
        self._receive(self.day(first, 15), "sundry", 240, 0.2)
        self._receive(month_end(first), "interest", 96 + 4 * self.rng.random(), 0, "savings")

    def _buy(self, first: date, sales: float) -> None:
        for name, key, size, number, terms, habit in company.SUPPLIERS:
            # Below one it is a share of sales, else an amount in pounds; rent and insurance are the same every month.
            fixed, share = key in ("rent", "insurance"), size < 1
            usual = SWINGS.get(key, {}).get(first.month, 1)
            spread = 1 if fixed else self.rng.uniform(0.9, 1.1) if share else self.rng.uniform(0.72, 1.3)
            amount = (sales * size if share else size) * usual * spread
            if bill := self.paper("ACCPAY", name, self.day(first, number), terms, key, amount, 0 if fixed else 0.2):
                late = habit + self.rng.randint(-2, 6)
                self._settle(bill, bill.due, max(late, -terms), 1)
        for number, key, amount in (
            (4, "software", 520),
            (10, "travel", 390),
            (18, "marketing", 260),
            (24, "van", 170),
        ):
            self._spend(self.day(first, number), key, amount * self.rng.uniform(0.7, 1.4), 0.2, "card")

    def _run_payroll_and_journals(self, first: date) -> None:
        for payday in filter(None, (self.day(first, week) for week in (7, 14, 21, 28))):
            gross = money(5_900 * self.scale * SWINGS["wages"].get(first.month, 1) * self.rng.uniform(0.97, 1.04))
            net, pension = cents(gross * Decimal("0.76")), cents(gross * Decimal("0.05"))
            withheld, current = gross - net, self.account("current")
            legs = [(self.account("wages"), gross), (self.account("pension"), pension), (current, -net - pension)]
            self.keeper.post(payday, "spend", *legs, (self.account("payroll_tax"), -withheld))
            if (due := payday + timedelta(days=24)) <= self.today:
                self.keeper.post(due, "spend", (self.account("payroll_tax"), withheld), (current, -withheld))
        if month_end(first) <= self.today:
            worn = money(1_150 * self.scale)
            self.keeper.post(
                month_end(first), "journal", (self.account("depreciation"), worn), (self.account("plant_worn"), -worn)
            )
        self._spend(self.day(first, 28), "fees", 88 * self.rng.uniform(0.8, 1.3), 0)

    def _move_money(self, first: date, index: int) -> None:
        current = self.account("current")
        if day := self.day(first, 7):
            part, interest = money(820 * self.scale), money((190 - 3 * index) * self.scale)
            legs = [
                (self.account("loan"), part),
                (self.account("loan_interest"), interest),
                (current, -part - interest),
            ]
            self.keeper.post(day, "spend", *legs)
        if day := self.day(first, 21):
            self.keeper.transfer(day, current, self.account("card"), money(1_560 * self.scale))
        if day := self.day(first, 23):
            amount = money(1_500 * self.scale)
            # In January the reserve helps out.
            pair = (self.account("savings"), current) if first.month == 1 else (current, self.account("savings"))
            self.keeper.transfer(day, *pair, amount * 3 if first.month == 1 else amount)
        if first.month % 3 == 0 and (day := self.day(first, 24)) and not self.switches.loss_making:
            dividend = money(9_000 * self.scale)
            self.keeper.post(day, "spend", (self.account("retained"), dividend), (current, -dividend))

    def _pay_tax(self, months: list[date]) -> None:
        """Each calendar quarter's balance of sales tax goes out on the seventh of the second month after it."""
        tax = self.account("tax")
        for first in months:
            day = first.replace(day=7)
            if first.month % 3 != 2 or day > self.today:
                continue
            end = (first - timedelta(days=1)).replace(day=1) - timedelta(days=1)
            owed = -sum((p.amount for p in self.keeper.postings if p.account is tax and p.day <= end), ZERO)
            if owed > 0:
                self.keeper.post(day, "spend", (tax, owed), (self.account("current"), -owed))

    def _trade_abroad(self, first: date) -> None:
        bank = self.account("foreign_bank")
        for name, wanted in company.FOREIGN_CUSTOMERS:
            currency = company.abroad(self.switches.currency, wanted)
            into = bank if bank.currency == currency else self.account("current")
            day = self.day(first, self.rng.randint(2, 26))
            if invoice := self.paper("ACCREC", name, day, 45, "wholesale", 3_600, 0, currency):
                self._settle(invoice, invoice.due, self.rng.choice((-4, 3, 28)), 2, into)
        name, wanted = company.FOREIGN_SUPPLIER
        if bill := self.paper(
            "ACCPAY", name, self.day(first, 13), 30, "beans", 2_500, 0, company.abroad(self.switches.currency, wanted)
        ):
            self._settle(bill, bill.due, 4, 1, bank)

    # Words the story is told with

    def account(self, key: str) -> Account:
        return self.keeper.accounts[key]

    def _contact(self, name: str, *, customer: bool) -> Contact:
        if name not in self.contacts:
            shown = name
            if self.switches.hostile_names and len(self.contacts) < 2 * len(company.HOSTILE):
                shown = f"{company.HOSTILE[len(self.contacts) % len(company.HOSTILE)]} {len(self.contacts)}"
            self.contacts[name] = company.contact(
                self.keeper.organisation, shown, customer=customer, supplier=not customer
            )
        return self.contacts[name]

    def day(self, first: date, number: int) -> date | None:
        """That day of the month; None while it lies in the future."""
        day = first.replace(day=min(number, month_end(first).day))
        return day if day <= self.today else None

    def paper(
        self,
        kind: str,
        name: str,
        day: date | None,
        terms: int | None,
        key: str | None,
        amount: float,
        tax: float,
        currency: str | None = None,
        **more: Any,
    ) -> Document | None:
        if day is None:
            return None
        base = currency or self.switches.currency
        net = money(amount * company.POUND[base])
        account = self.account(key or ("debtors" if kind.startswith("RECEIVE") else "creditors"))
        line = Line(account, net, cents(net * money(tax)), account.name)
        due = None if terms is None else day + timedelta(days=terms)
        contact = self._contact(name, customer="REC" in kind)
        return self.keeper.raise_document(kind, contact, day, due, [line], currency=base, **more)

    def _collect(self, invoice: Document, habit: int) -> None:
        """Customers pay by habit; some pay in two parts, and now and then an invoice is forgotten for months."""
        late = habit + self.rng.randint(-4, 8)
        if self.rng.random() < 0.07:
            late += self.rng.choice((25, 55, 90))
        self._settle(invoice, invoice.due, late, self.rng.choice((1, 1, 1, 1, 2)))

    def _settle(self, document: Document, due: date | None, late: int, parts: int, bank: Account | None = None) -> None:
        day = max((due or document.day) + timedelta(days=late), document.day)
        bank = bank or self.account("current")
        if parts == 2 and day - timedelta(days=9) >= document.day and day - timedelta(days=9) <= self.today:
            self.keeper.pay(document, day - timedelta(days=9), cents(document.total * Decimal("0.4")), bank)
        if day <= self.today:
            self.keeper.pay(document, day, document.amount_due, bank)

    def _receive(self, day: date | None, key: str, amount: float, tax: float, bank: str = "current") -> None:
        if day and day <= self.today:
            net = money(amount * self.scale)
            vat = cents(net * money(tax))
            legs = [(self.account(bank), net + vat), (self.account(key), -net), (self.account("tax"), -vat)]
            self.keeper.post(day, "receipt", *legs)

    def _spend(self, day: date | None, key: str, amount: float, tax: float, bank: str = "current") -> None:
        if day:
            net = money(amount * self.scale)
            vat = cents(net * money(tax))
            legs = [(self.account(key), net), (self.account("tax"), vat), (self.account(bank), -net - vat)]
            self.keeper.post(day, "spend", *legs)


def months_to(today: date) -> Iterator[date]:
    """First days of the fourteen months that end with today's, oldest first."""
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        yield date(year, month + 1, 1)
