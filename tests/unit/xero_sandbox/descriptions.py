"""Xero's descriptions of the objects we use, re-typed: property names and kinds, nothing else may appear.

Kinds: s text, u GUID, n number, i whole number, b truth, [X] list of X, X another object, * anything.
`tests/samples` compares them with the real descriptions where those are at hand.
"""

from __future__ import annotations

from typing import Any

import jsonschema

CONTACT_PART = "ContactID:u ContactStatus:s Name:s EmailAddress:s BankAccountDetails:s IsSupplier:b IsCustomer:b"
DOCUMENT = (
    "Type:s Contact:Contact LineItems:[LineItem] Date:s LineAmountTypes:s Status:s Reference:s CurrencyCode:s "
    "CurrencyRate:n SubTotal:n TotalTax:n Total:n HasAttachments:b UpdatedDateUTC:s UpdatedDateUTCString:s "
    "Payments:[Payment] "
)
#: Properties that the described answers carry though the descriptions leave them out.
UNDESCRIBED = {
    "Invoice": "DateString:s DueDateString:s",
    "CreditNote": "DateString:s ID:u",
    "Prepayment": "DateString:s ID:u",
    "Overpayment": "DateString:s ID:u",
}
DESCRIPTIONS = {
    "ReportRows": "RowType:s Title:s Cells:[ReportCell] Rows:[ReportRow]",
    "ReportRow": "RowType:s Title:s Cells:[ReportCell]",
    "ReportCell": "Value:s Attributes:[ReportAttribute]",
    "ReportAttribute": "Id:s Value:s",
    "Pagination": "page:i pageSize:i pageCount:i itemCount:i",
    "Contact": f"{CONTACT_PART} Addresses:[*] Phones:[*] ContactGroups:[*] ContactPersons:[*] Balances:Balances "
    "UpdatedDateUTC:s HasAttachments:b HasValidationErrors:b",
    "Balances": "AccountsReceivable:AccountsReceivable AccountsPayable:AccountsPayable",
    "AccountsReceivable": "Outstanding:n Overdue:n",
    "AccountsPayable": "Outstanding:n Overdue:n",
    "Invoice": f"{DOCUMENT} DueDate:s InvoiceID:u InvoiceNumber:s SentToContact:b IsDiscounted:b AmountDue:n "
    "AmountPaid:n AmountCredited:n FullyPaidOnDate:s CreditNotes:[*] Prepayments:[*] Overpayments:[*] HasErrors:b",
    "CreditNote": f"{DOCUMENT} CreditNoteID:u CreditNoteNumber:s RemainingCredit:n Allocations:[Allocation] "
    "HasErrors:b",
    "Prepayment": f"{DOCUMENT} PrepaymentID:u RemainingCredit:n Allocations:[Allocation]",
    "Overpayment": f"{DOCUMENT} OverpaymentID:u RemainingCredit:n Allocations:[Allocation]",
    "Allocation": "Amount:n Date:s Invoice:Invoice",
    "Payment": "PaymentID:u Date:s Amount:n CurrencyRate:n HasAccount:b HasValidationErrors:b",
    "LineItem": "LineItemID:u Description:s Quantity:n UnitAmount:n TaxAmount:n LineAmount:n AccountCode:s AccountID:u "
    "Tracking:[*]",
    "Account": "AccountID:u Code:s Name:s Status:s Type:s TaxType:s Class:s EnablePaymentsToAccount:b "
    "ShowInExpenseClaims:b ReportingCode:s HasAttachments:b UpdatedDateUTC:s AddToWatchlist:b SystemAccount:s "
    "BankAccountNumber:s BankAccountType:s CurrencyCode:s",
    "Organisation": "OrganisationID:u Name:s LegalName:s PaysTax:b Version:s OrganisationType:s BaseCurrency:s "
    "CountryCode:s IsDemoCompany:b OrganisationStatus:s FinancialYearEndDay:i FinancialYearEndMonth:i SalesTaxBasis:s "
    "SalesTaxPeriod:s DefaultSalesTax:s DefaultPurchasesTax:s CreatedDateUTC:s OrganisationEntityType:s Timezone:s "
    "ShortCode:s Edition:s Class:s Addresses:[*] Phones:[*] ExternalLinks:[*] PaymentTerms:*",
}
KINDS: dict[str, dict[str, Any]] = {
    "s": {"type": "string"},
    "u": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
    "n": {"type": "number"},
    "i": {"type": "integer"},
    "b": {"type": "boolean"},
    "*": {},
}


def properties(name: str) -> dict[str, str]:
    """Property to kind, the undescribed ones too."""
    pairs = f"{DESCRIPTIONS[name]} {UNDESCRIBED.get(name, '')}".split()
    return {key: kind for key, _, kind in (pair.partition(":") for pair in pairs)}


def _schema(kind: str) -> dict[str, Any]:
    if kind in KINDS:
        return KINDS[kind]
    if kind.startswith("["):
        return {"type": "array", "items": _schema(kind[1:-1])}
    return {"$ref": f"#/$defs/{kind}"}


def validate(body: object, kind: str) -> None:
    """Raises unless the body is that kind of thing, such as `[Invoice]`, with no property that is not described."""
    definitions = {
        name: {
            "type": "object",
            "properties": {key: _schema(one) for key, one in properties(name).items()},
            "additionalProperties": False,
        }
        for name in DESCRIPTIONS
    }
    jsonschema.validate(body, {**_schema(kind), "$defs": definitions})  # type: ignore[no-untyped-call]
