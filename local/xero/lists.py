"""Organisation, Accounts, Contacts, Invoices, CreditNotes, Prepayments and Overpayments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from local.xero.answers import Refusal, bad_query, instant
from local.xero.books import ZERO, Account, Books, Contact, Document
from local.xero.company import new_id
from local.xero.shapes import Query
from local.xero.where import parse

UNPAGED = 100  # where an unpaged list stops
LARGEST = 1_000


@dataclass(frozen=True)
class Item:
    fields: Mapping[str, Any]  # what `where` and `order` see
    payload: Callable[[bool], dict[str, Any]]  # True: with line items
    updated: datetime


def organisation(books: Books, query: Query, today: date) -> dict[str, Any]:
    org = books.organisation
    month, day = org.year_end
    body = {
        "Name": org.name,
        "LegalName": org.name,
        "PaysTax": True,
        "Version": {"GB": "UK", "IE": "GLOBAL"}.get(org.country, org.country),
        "OrganisationType": "COMPANY",
        "BaseCurrency": org.currency,
        "CountryCode": org.country,
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": day,
        "FinancialYearEndMonth": month,
        "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": "QUARTERLY",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "CreatedDateUTC": instant(_midnight(org.created)),
        "OrganisationEntityType": "COMPANY",
        "Timezone": org.timezone,
        "ShortCode": org.short_code,
        "OrganisationID": org.id,
        "Edition": "BUSINESS",
        "Class": "PREMIUM",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
    return {"Organisations": [body]}


def accounts(books: Books, query: Query, today: date) -> dict[str, Any]:
    updated = datetime.combine(books.organisation.created, time(9), UTC)
    items = [Item(_account(a), lambda _, a=a: _account(a), updated) for a in books.accounts]  # type: ignore[misc]
    return {"Accounts": [item.payload(True) for item in _chosen(items, query)]}


def _account(account: Account) -> dict[str, Any]:
    body: dict[str, Any] = {
        "AccountID": account.id,
        "Code": account.code,
        "Name": account.name,
        "Status": "ACTIVE",
        "Type": account.type,
        "TaxType": "NONE",
        "Class": account.klass,
        "EnablePaymentsToAccount": False,
        "ShowInExpenseClaims": False,
        "ReportingCode": "",
        "HasAttachments": False,
        "UpdatedDateUTC": "/Date(1617267600000+0000)/",
        "AddToWatchlist": False,
    }
    if account.system:
        body["SystemAccount"] = account.system
    if account.type == "BANK":
        body |= {"BankAccountNumber": "", "BankAccountType": "BANK", "CurrencyCode": account.currency}
    return body


def contacts(books: Books, query: Query, today: date) -> dict[str, Any]:
    open_documents: dict[str, list[Document]] = {contact.id: [] for contact in books.contacts}
    for document in books.documents:
        if document.posts:
            open_documents[document.contact.id].append(document)
    slim = query.get("summaryonly", "").lower() == "true"
    items = []
    for contact in books.contacts:
        fields = {
            "ContactID": contact.id,
            "Name": contact.name,
            "EmailAddress": contact.email,
            "ContactStatus": "ACTIVE",
            "IsCustomer": contact.customer,
            "IsSupplier": contact.supplier,
        }
        body = _contact(contact, [] if slim else open_documents[contact.id], today)
        items.append(Item(fields, lambda _, body=body: body, _midnight(books.organisation.created)))  # type: ignore[misc]
    return _page("Contacts", items, query, "ContactID")


def _contact(contact: Contact, documents: Sequence[Document], today: date) -> dict[str, Any]:
    """`Balances` in whatever currencies the documents have, added up as Xero does, absent without a history.

    Outstanding counts unallocated credits, Overdue does not: so it can be the larger of the two.
    """
    body = {
        "ContactID": contact.id,
        "ContactStatus": "ACTIVE",
        "Name": contact.name,
        "EmailAddress": contact.email,
        "BankAccountDetails": "",
        "UpdatedDateUTC": "/Date(1617267600000+0000)/",
        "ContactGroups": [],
        "IsSupplier": contact.supplier,
        "IsCustomer": contact.customer,
        "ContactPersons": [],
        "HasAttachments": False,
        "HasValidationErrors": False,
    }
    if not documents:
        return body
    balances = {}
    for name, sales in (("AccountsReceivable", True), ("AccountsPayable", False)):
        mine = [d for d in documents if d.sales == sales]
        outstanding = sum(((-1 if d.credit else 1) * d.amount_due for d in mine), ZERO)
        overdue = sum((d.amount_due for d in mine if not d.credit and d.due and d.due < today), ZERO)
        balances[name] = {"Outstanding": float(outstanding), "Overdue": float(overdue)}
    return {**body, "Balances": balances}


def invoices(books: Books, query: Query, today: date) -> dict[str, Any]:
    slim = query.get("summaryonly", "").lower() == "true"
    return _documents(books, query, "Invoices", ("ACCREC", "ACCPAY"), slim=slim)


def credit_notes(books: Books, query: Query, today: date) -> dict[str, Any]:
    return _documents(books, query, "CreditNotes", ("ACCRECCREDIT", "ACCPAYCREDIT"))


def prepayments(books: Books, query: Query, today: date) -> dict[str, Any]:
    return _documents(books, query, "Prepayments", ("RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"))


def overpayments(books: Books, query: Query, today: date) -> dict[str, Any]:
    return _documents(books, query, "Overpayments", ("RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"))


def _documents(books: Books, query: Query, key: str, types: Sequence[str], *, slim: bool = False) -> dict[str, Any]:
    one = key.removesuffix("s")
    items = []
    for document in books.documents:
        if document.type in types:
            fields = _fields(document, one)
            make = lambda lines, d=document: _payload(d, one, lines=lines, slim=slim)  # noqa: E731
            items.append(Item(fields, make, _updated(document)))
    return _page(key, items, query, f"{one}ID")


def _fields(document: Document, one: str) -> dict[str, Any]:
    return {
        f"{one}ID": document.id,
        f"{one}Number": document.number,
        "Type": document.type,
        "Status": document.status,
        "Date": document.day,
        "DueDate": document.due,
        "Total": document.total,
        "AmountDue": document.amount_due,
        "AmountPaid": document.paid,
        "AmountCredited": document.allocated,
        "RemainingCredit": document.remaining,
        "Reference": document.reference,
        "CurrencyCode": document.currency,
        "Contact.ContactID": document.contact.id,
        "Contact.Name": document.contact.name,
        "UpdatedDateUTC": _updated(document),
    }


def _payload(document: Document, one: str, *, lines: bool, slim: bool) -> dict[str, Any]:
    tax = sum((line.tax for line in document.lines), ZERO)
    body: dict[str, Any] = {"Type": document.type, f"{one}ID": document.id}
    if one in ("Invoice", "CreditNote"):
        body |= {f"{one}Number": document.number, "HasErrors": False}
    if one != "Invoice":
        body["ID"] = document.id
    body |= {
        "Reference": document.reference,
        "CurrencyRate": float(document.rate),
        "HasAttachments": False,
        "Contact": {
            "ContactID": document.contact.id,
            "Name": document.contact.name,
            "Addresses": [],
            "Phones": [],
            "ContactGroups": [],
            "ContactPersons": [],
            "HasValidationErrors": False,
        },
        **_dated("Date", document.day),
        **(_dated("DueDate", document.due) if document.due else {}),
        "Status": document.status,
        "LineAmountTypes": "Exclusive",
        "LineItems": [_line(document, n) for n in range(len(document.lines))] if lines else [],
        "SubTotal": float(document.total - tax),
        "TotalTax": float(tax),
        "Total": float(document.total),
        "UpdatedDateUTC": instant(_updated(document), "+0000"),
        "UpdatedDateUTCString": f"{_updated(document):%Y-%m-%dT%H:%M:%S}Z",
        "CurrencyCode": document.currency,
    }
    if slim:
        return body
    return body | (_invoice_part(document) if one == "Invoice" else _credit_part(document))


def _invoice_part(document: Document) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Payments": _payments(document),
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "AmountDue": float(document.amount_due),
        "AmountPaid": float(document.paid),
        "AmountCredited": float(document.allocated),
        "SentToContact": document.sales,
        "IsDiscounted": False,
    }
    if document.status == "PAID":
        moves = [*(p.day for p in document.payments), *(a.day for a in document.allocations)]
        body["FullyPaidOnDate"] = instant(_midnight(max(moves)), "+0000")
    return body


def _credit_part(document: Document) -> dict[str, Any]:
    allocations = [
        {"Amount": float(a.amount), "Date": instant(_midnight(a.day), "+0000"), "Invoice": {"InvoiceID": a.other}}
        for a in document.allocations
    ]
    return {
        "Payments": _payments(document),
        "Allocations": allocations,
        "RemainingCredit": float(document.remaining),
    }


def _payments(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "PaymentID": new_id(document.id, "payment", number),
            "Date": instant(_midnight(payment.day), "+0000"),
            "Amount": float(payment.amount),
            "CurrencyRate": float(document.rate),
            "HasAccount": False,
            "HasValidationErrors": False,
        }
        for number, payment in enumerate(document.payments)
    ]


def _line(document: Document, number: int) -> dict[str, Any]:
    line = document.lines[number]
    return {
        "LineItemID": new_id(document.id, "line", number),
        "Description": line.description,
        "Quantity": 1.0,
        "UnitAmount": float(line.net),
        "TaxAmount": float(line.tax),
        "LineAmount": float(line.net),
        "AccountCode": line.account.code,
        "AccountID": line.account.id,
        "Tracking": [],
    }


def _page(key: str, items: Sequence[Item], query: Query, identity: str) -> dict[str, Any]:
    """One page with its `pagination`; unpaged lists stop early and carry neither that nor line items."""
    wanted = query.get("ids")
    if wanted is not None:
        ids = set(wanted.lower().split(","))
        items = [item for item in items if item.fields[identity] in ids]
    items = _chosen(items, query)
    if "page" not in query and "pagesize" not in query:
        return {key: [item.payload(False) for item in items[:UNPAGED]]}
    page, size = _number(query, "page", 1), min(_number(query, "pagesize", 100), LARGEST)
    pagination = {"page": page, "pageSize": size, "pageCount": -(-len(items) // size), "itemCount": len(items)}
    return {"pagination": pagination, key: [i.payload(True) for i in items[(page - 1) * size : page * size]]}


def _chosen(items: Sequence[Item], query: Query) -> list[Item]:
    found = list(items)
    for name, fieldname in (
        ("statuses", "Status"),
        ("contactids", "Contact.ContactID"),
        ("invoicenumbers", "InvoiceNumber"),
    ):
        if name in query:
            wanted = {part.strip() for part in query[name].split(",")}
            found = [item for item in found if item.fields.get(fieldname) in wanted]
    if "where" in query:
        test = parse(query["where"])
        found = [item for item in found if test(item.fields)]
    if "modified-since" in query:
        since = datetime.fromisoformat(query["modified-since"])
        found = [item for item in found if item.updated > since.replace(tzinfo=since.tzinfo or UTC)]
    for part in reversed(query.get("order", "").split(",")):
        name, _, direction = part.strip().partition(" ")
        if name:
            if found and name not in found[0].fields:
                raise Refusal(bad_query(f"No property or field '{name}' exists in type"))
            found.sort(key=lambda item: _sortable(item.fields[name]), reverse=direction.strip().upper() == "DESC")
    return found


def _sortable(value: object) -> tuple[bool, Any]:
    return (value is not None, value)


def _number(query: Query, name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise Refusal(bad_query(f"Invalid {name}"))
    return int(text)


def _dated(name: str, day: date) -> dict[str, str]:
    return {f"{name}String": f"{day}T00:00:00", name: instant(_midnight(day), "+0000")}


def _updated(document: Document) -> datetime:
    if document.changed:
        return document.changed
    days = [document.entered, *(p.day for p in document.payments), *(a.day for a in document.allocations)]
    return datetime.combine(max(days), time(9), UTC)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
