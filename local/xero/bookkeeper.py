"""Turns business events into balanced postings, the way Xero does behind its screens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from local.xero.books import (
    ZERO,
    Account,
    Allocation,
    Books,
    Contact,
    Document,
    Line,
    Organisation,
    Payment,
    Posting,
    cents,
)
from local.xero.company import CHART, new_id, rate

PREFIX = {"ACCREC": "INV-", "ACCPAY": "", "ACCRECCREDIT": "CN-", "ACCPAYCREDIT": "BC-"}


class Bookkeeper:
    def __init__(self, organisation: Organisation, accounts: dict[str, Account], today: date) -> None:
        self.organisation = organisation
        self.accounts = accounts
        self.today = today
        self.documents: list[Document] = []
        self.postings: list[Posting] = []
        self._entry = 0
        self._foreign: dict[str, list[Payment]] = defaultdict(list)  # movements of foreign banks, in their currency
        self._revalued: dict[str, Decimal] = defaultdict(lambda: ZERO)

    @classmethod
    def of(cls, books: Books, today: date) -> Bookkeeper:
        """Goes on with books that were written before. Foreign bank accounts are left as they are."""
        codes = {account.code: account for account in books.accounts}
        keeper = cls(books.organisation, {key: codes[code] for key, code, *_ in CHART if code in codes}, today)
        keeper.documents, keeper.postings = books.documents, books.postings
        keeper._entry = max((posting.entry for posting in books.postings), default=0)
        return keeper

    def enter(self, document: Document) -> None:
        """Post a document that was a draft till now."""
        self._post_document(document, None)

    def post(self, day: date, kind: str, *legs: tuple[Account, Decimal], entered: date | None = None) -> None:
        """One entry; a day ahead of today was typed in today. An entry that does not balance is a mistake of ours."""
        if sum(amount for _, amount in legs) != 0:
            raise ValueError(f"unbalanced {kind} entry on {day}")
        self._entry += 1
        typed = entered or min(day, self.today)
        for account, amount in legs:
            if amount:
                self.postings.append(Posting(day, account, amount, kind, typed, self._entry))

    def rate(self, currency: str, day: date) -> Decimal:
        return rate(self.organisation.currency, currency, day)

    def raise_document(
        self,
        kind: str,
        contact: Contact,
        day: date,
        due: date | None,
        lines: Iterable[Line],
        *,
        currency: str | None = None,
        status: str = "AUTHORISED",
        bank: Account | None = None,
        entered: date | None = None,
    ) -> Document:
        """An invoice, bill or credit; prepayments and overpayments name the bank account the money went through."""
        count = len(self.documents) + 1
        lines = list(lines)
        currency = currency or self.organisation.currency
        document = Document(
            id=new_id(self.organisation.id, "document", count),
            number=f"{PREFIX[kind]}{count:04d}" if PREFIX.get(kind) else "",
            type=kind,
            contact=contact,
            day=day,
            due=due,
            currency=currency,
            rate=self.rate(currency, min(day, self.today)),
            total=sum((line.net + line.tax for line in lines), ZERO),
            status=status,
            lines=lines,
            entered=entered or min(day, self.today),
            reference=f"Order {1000 + count}" if kind == "ACCREC" else f"Ref {7000 + 3 * count}",
        )
        self.documents.append(document)
        if document.posts:
            self._post_document(document, bank)
        return document

    def pay(self, document: Document, day: date, amount: Decimal, bank: Account) -> None:
        """Receives or pays part or all of what is due; the change of rates since its day is a realised gain or loss."""
        before = document.amount_due
        document.payments.append(Payment(day, amount))
        # Released in differences of rounded balances, so that what stays open is always round(due / rate).
        released = _sign(document) * (document.home(before) - document.home(document.amount_due))
        moved = self._move_bank(bank, day, _sign(document) * amount, document.currency)
        legs = [(bank, moved), (self._control(document), -released), (self.accounts["realised"], released - moved)]
        self.post(day, "payment", *legs)
        self._settle(document)

    def allocate(self, credit: Document, invoice: Document, day: date, amount: Decimal) -> None:
        """Uses a credit against an invoice. Both lie in the control account already, so nothing is posted."""
        if credit.rate != invoice.rate:
            raise ValueError("an allocation across rates would realise a currency gain")
        credit.allocations.append(Allocation(day, amount, invoice.id))
        invoice.allocations.append(Allocation(day, amount, credit.id))
        self._settle(credit)
        self._settle(invoice)

    def transfer(self, day: date, source: Account, target: Account, amount: Decimal) -> None:
        self.post(day, "transfer", (source, -amount), (target, amount))

    def revalue(self, day: date) -> None:
        """Brings open foreign documents and foreign bank accounts to that day's rates. Days must come in order."""
        base = self.organisation.currency
        for side, control in ((True, self.accounts["debtors"]), (False, self.accounts["creditors"])):
            target = ZERO
            for document in self.documents:
                if document.currency != base and document.sales == side and (due := document.due_at(day)):
                    target += _sign(document) * (cents(due / self.rate(document.currency, day)) - document.home(due))
            self._revalue_to(day, control, target, self.accounts["unrealised"])
        for account in self.accounts.values():
            if account.type == "BANK" and account.currency and account.currency != base:
                held = sum((m.amount for m in self._foreign[account.id] if m.day <= day), ZERO)
                booked = sum(
                    (
                        p.amount
                        for p in self.postings
                        if p.account == account and p.day <= day and p.kind != "revaluation"
                    ),
                    ZERO,
                )
                worth = cents(held / self.rate(account.currency, day))
                self._revalue_to(day, account, worth - booked, self.accounts["bank_gain"])

    def _revalue_to(self, day: date, account: Account, target: Decimal, gain: Account) -> None:
        change = target - self._revalued[account.id]
        self._revalued[account.id] = target
        if change:
            self.post(day, "revaluation", (account, change), (gain, -change))

    def _post_document(self, document: Document, bank: Account | None) -> None:
        sign = _sign(document)
        control = (self._control(document), sign * document.home(document.total))
        if bank is not None:
            moved = self._move_bank(bank, document.day, -sign * document.total, document.currency)
            self.post(
                document.day, "receipt" if document.sales else "spend", control, (bank, moved), entered=document.entered
            )
            return
        legs = [(line.account, -sign * document.home(line.net)) for line in document.lines]
        legs.append((self.accounts["tax"], -sign * document.home(sum((line.tax for line in document.lines), ZERO))))
        # Each line is rounded by itself when converted; the first takes the odd cent.
        account, amount = legs[0]
        legs[0] = (account, amount - control[1] - sum((leg[1] for leg in legs), ZERO))
        kind = "credit" if document.credit else "invoice" if document.sales else "bill"
        self.post(document.day, kind, control, *legs, entered=document.entered)

    def _move_bank(self, bank: Account, day: date, amount: Decimal, currency: str) -> Decimal:
        """The home value of a movement; foreign accounts also keep it in their own currency."""
        if bank.currency not in (self.organisation.currency, currency):
            raise ValueError("money of one foreign currency does not go through an account of another")
        if bank.currency != self.organisation.currency:
            self._foreign[bank.id].append(Payment(day, amount))
        return cents(amount / self.rate(currency, day))

    def _control(self, document: Document) -> Account:
        return self.accounts["debtors" if document.sales else "creditors"]

    def _settle(self, document: Document) -> None:
        if document.amount_due == 0:
            document.status = "PAID"


def _sign(document: Document) -> int:
    """Plus where the document's raising debits its control account."""
    return 1 if document.sales != document.credit else -1
