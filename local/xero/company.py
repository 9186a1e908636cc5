"""Who the sandbox's company is: its chart of accounts, the people it trades with, its exchange rates. All invented."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from local.xero.books import Account, Contact, Organisation

NAMESPACE = UUID("5b0f3a7e-2f2e-4f0e-9d7e-0d1f5a6c7b8e")
COUNTRIES = {"GBP": "GB", "NZD": "NZ", "AUD": "AU", "USD": "US", "JPY": "JP", "SGD": "SG", "EUR": "IE"}
YEAR_ENDS = {"NZ": (3, 31), "AU": (6, 30), "US": (12, 31), "IE": (12, 31), "SG": (12, 31)}
#: Units of each currency that a British pound buys, about.
POUND = {"GBP": 1.0, "EUR": 1.17, "USD": 1.27, "NZD": 2.12, "AUD": 1.94, "JPY": 191.0, "SGD": 1.71}

#: key, code, name, type, class, system account
CHART = [
    ("current", "090", "Business Current Account", "BANK", "ASSET", None),
    ("savings", "091", "Reserve Savings", "BANK", "ASSET", None),
    ("card", "092", "Company Credit Card", "BANK", "ASSET", None),
    ("till", "093", "Petty Cash", "BANK", "ASSET", None),
    ("wholesale", "200", "Wholesale Sales", "SALES", "REVENUE", None),
    ("online", "205", "Online Shop", "REVENUE", "REVENUE", None),
    ("training", "210", "Barista Training", "REVENUE", "REVENUE", None),
    ("interest", "270", "Interest Income", "OTHERINCOME", "REVENUE", None),
    ("sundry", "275", "Equipment Rental", "OTHERINCOME", "REVENUE", None),
    ("beans", "310", "Green Coffee", "DIRECTCOSTS", "EXPENSE", None),
    ("packaging", "320", "Packaging", "DIRECTCOSTS", "EXPENSE", None),
    ("courier", "330", "Courier & Freight", "DIRECTCOSTS", "EXPENSE", None),
    ("marketing", "400", "Advertising & Marketing", "OVERHEADS", "EXPENSE", None),
    ("fees", "404", "Bank & Card Fees", "OVERHEADS", "EXPENSE", None),
    ("cleaning", "408", "Cleaning", "OVERHEADS", "EXPENSE", None),
    ("accounting", "412", "Accounting & Legal", "OVERHEADS", "EXPENSE", None),
    ("depreciation", "416", "Depreciation", "DEPRECIATN", "EXPENSE", None),
    ("insurance", "433", "Insurance", "OVERHEADS", "EXPENSE", None),
    ("power", "445", "Light, Power & Heating", "OVERHEADS", "EXPENSE", None),
    ("van", "449", "Van Running Costs", "EXPENSE", "EXPENSE", None),
    ("repairs", "455", "Repairs & Maintenance", "EXPENSE", "EXPENSE", None),
    ("software", "463", "Software Subscriptions", "EXPENSE", "EXPENSE", None),
    ("rent", "469", "Rent", "OVERHEADS", "EXPENSE", None),
    ("wages", "477", "Salaries & Wages", "WAGESEXPENSE", "EXPENSE", None),
    ("pension", "478", "Employer Pension", "SUPERANNUATIONEXPENSE", "EXPENSE", None),
    ("phone", "489", "Telephone & Internet", "OVERHEADS", "EXPENSE", None),
    ("travel", "493", "Travel", "EXPENSE", "EXPENSE", None),
    ("loan_interest", "437", "Loan Interest", "EXPENSE", "EXPENSE", None),
    ("bank_gain", "497", "Bank Revaluations", "EXPENSE", "EXPENSE", "BANKCURRENCYGAIN"),
    ("unrealised", "498", "Unrealised Currency Gains", "EXPENSE", "EXPENSE", "UNREALISEDCURRENCYGAIN"),
    ("realised", "499", "Realised Currency Gains", "EXPENSE", "EXPENSE", "REALISEDCURRENCYGAIN"),
    ("debtors", "610", "Accounts Receivable", "CURRENT", "ASSET", "DEBTORS"),
    ("plant", "710", "Roasting Equipment", "FIXED", "ASSET", None),
    ("plant_worn", "711", "Less Accumulated Depreciation", "FIXED", "ASSET", None),
    ("creditors", "800", "Accounts Payable", "CURRLIAB", "LIABILITY", "CREDITORS"),
    ("tax", "820", "Sales Tax", "CURRLIAB", "LIABILITY", "GST"),
    ("payroll_tax", "825", "Payroll Tax Payable", "CURRLIAB", "LIABILITY", None),
    ("historical", "840", "Historical Adjustment", "CURRLIAB", "LIABILITY", "HISTORICAL"),
    ("loan", "900", "Equipment Loan", "TERMLIAB", "LIABILITY", None),
    ("retained", "960", "Retained Earnings", "EQUITY", "EQUITY", "RETAINEDEARNINGS"),
    ("capital", "970", "Share Capital", "EQUITY", "EQUITY", None),
]
#: name, share of wholesale revenue, how many days after the due date it usually pays
CUSTOMERS = [
    ("Northgate Deli", 0.17, 2),
    ("The Copper Kettle", 0.14, -3),
    ("Meadow & Mill Bakeries", 0.13, 6),
    ("Quayside Hotel Group", 0.12, 24),
    ("Larkspur Cafés", 0.10, 0),
    ("Fennel Street Kitchen", 0.08, 12),
    ("Old Station Books", 0.07, -1),
    ("Brightwater Offices", 0.06, 40),
    ("Paper Lantern Tea Rooms", 0.05, 9),
    ("Ashdown Farm Shop", 0.04, 92),
    ("Riverside Rowing Club", 0.03, 150),
]
#: name, account, share of sales or a monthly amount, day of the month, terms in days, days from due date to payment
SUPPLIERS = [
    ("Sierra Verde Growers", "beans", 0.155, 6, 30, 2),
    ("Highland Origin Imports", "beans", 0.115, 17, 30, 9),
    ("Boxwell Packaging", "packaging", 0.048, 11, 30, 5),
    ("Swiftfoot Couriers", "courier", 0.042, 27, 14, 1),
    ("Canal Wharf Estates", "rent", 3400.0, 1, 7, -2),
    ("Bright Spark Energy", "power", 940.0, 8, 14, 3),
    ("Spotless & Daughters", "cleaning", 360.0, 14, 30, 20),
    ("Fairweather Insurance", "insurance", 415.0, 3, 14, 0),
    ("Tally & Ledgerwood Accountants", "accounting", 780.0, 20, 30, 38),
    ("Pigeon Post Marketing", "marketing", 2350.0, 9, 30, 12),
    ("Granite Telecom", "phone", 265.0, 12, 14, 0),
    ("Torque Garage", "van", 490.0, 22, 30, 15),
    ("Fixwell Engineers", "repairs", 620.0, 16, 30, 128),
]
FOREIGN_CUSTOMERS = [("Kaffebaren Nord", "EUR"), ("Blue Ridge Roast Club", "USD")]
FOREIGN_SUPPLIER = ("Finca La Esperanza", "USD")
#: Texts that break naive drawing, CSV, HTML, JSON-in-template and column-width code.
HOSTILE = [
    "Cost $100_000 ^ 50% \\frac{1}{2} & <b>Co</b>",
    "شركة القهوة العربية المحدودة",
    "Émile “Zoë” Ñandú ☕️👩🏽‍🍳 GmbH",
    "=SUM(A1:A9)+cmd|' /C calc'!A0",
    "Llanfair" + "pwllgwyngyll" * 16,
    "株式会社 珈琲 {{ 7*7 }} ${PATH}",
    "<@U123> *bold* _it_ `x` &amp; <!channel>",
]


HOSTILE_NAME = 'Käfer & <Söhne> "$_^" ☕ {{ 7*7 }} Ltd'


def new_id(*parts: object) -> str:
    """The same parts give the same GUID, so that a seed gives the same organisation on every machine."""
    return str(uuid5(NAMESPACE, "/".join(map(str, parts))))


def organisation(name: str, currency: str, timezone: str, seed: int) -> Organisation:
    identity = new_id("organisation", name, seed)
    country = COUNTRIES.get(currency, "GB")
    code = "!" + identity.replace("-", "")[:2] + identity.replace("-", "")[2:5].upper()
    return Organisation(identity, name, currency, timezone, code, country, YEAR_ENDS.get(country, (3, 31)))


def accounts(org: Organisation, *, cost_of_sales: bool, foreign: bool, hostile: bool) -> dict[str, Account]:
    """The chart by key. Without cost of sales, what would be direct costs are overheads."""
    found: dict[str, Account] = {}
    names = {
        key: HOSTILE[n % len(HOSTILE)]
        for n, key in enumerate(("rent", "beans", "savings", "wholesale", "wages", "van"))
    }
    for key, code, name, kind, klass, system in CHART:
        name = names.get(key, name) if hostile else name
        kind = "OVERHEADS" if kind == "DIRECTCOSTS" and not cost_of_sales else kind
        currency = org.currency if kind == "BANK" else None
        found[key] = Account(new_id(org.id, "account", key), code, name, kind, klass, system, currency)
    if foreign:
        currency = abroad(org.currency, "USD")
        key = "foreign_bank"
        found[key] = Account(
            new_id(org.id, "account", key), "094", f"{currency} Account", "BANK", "ASSET", None, currency
        )
    return found


def abroad(base: str, currency: str) -> str:
    """A currency that is not the base one."""
    return currency if currency != base else "GBP"


def contact(org: Organisation, name: str, *, customer: bool = False, supplier: bool = False) -> Contact:
    letters = "".join(c for c in name.lower() if c.isascii() and c.isalpha())[:24] or "contact"
    return Contact(new_id(org.id, "contact", name), name, f"accounts@{letters}.example", customer, supplier)


def rate(base: str, currency: str, day: date) -> Decimal:
    """Foreign units per base unit on that day: a slow wave with a faster one on it, six places."""
    if currency == base:
        return Decimal(1)
    turn = day.toordinal() + 37 * len(currency) + sum(map(ord, currency + base))
    wave = 1 + 0.035 * math.sin(turn / 58) + 0.011 * math.sin(turn / 9.7)
    return Decimal(f"{POUND[currency] / POUND[base] * wave:.6f}")
