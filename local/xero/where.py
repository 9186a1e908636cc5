"""Xero's `where` filter, as far as we need it: `Type=="ACCREC" AND (AmountDue>0 OR Date>=DateTime(2026,1,31))`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from local.xero.answers import Refusal, bad_query

Fields = Mapping[str, Any]
Test = Callable[[Fields], bool]
TOKEN = re.compile(
    r"""\s*(?:(?P<join>AND\b|OR\b|&&|\|\|)|(?P<op>==|!=|>=|<=|>|<)|(?P<text>"[^"]*")|(?P<number>-?\d+(?:\.\d+)?)
    |(?P<day>DateTime\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\))|(?P<guid>guid\("[^"]*"\))|(?P<name>[A-Za-z][\w.]*)|(?P<bracket>[()]))""",
    re.VERBOSE | re.IGNORECASE,
)
COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
JOINS = {"and": "and", "&&": "and", "or": "or", "||": "or"}


def parse(text: str) -> Test:
    """A test of an object's fields; a filter that cannot be read is Xero's 400."""
    tokens = _tokens(text)
    test = _either(tokens)
    if tokens:
        raise _bad(tokens[0][1])
    return test


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        if match is None:
            raise _bad(text[at:])
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


def _either(tokens: list[tuple[str, str]]) -> Test:
    tests = [_both(tokens)]
    while _joined(tokens, "or"):
        tests.append(_both(tokens))
    return lambda fields: any(test(fields) for test in tests)


def _both(tokens: list[tuple[str, str]]) -> Test:
    tests = [_one(tokens)]
    while _joined(tokens, "and"):
        tests.append(_one(tokens))
    return lambda fields: all(test(fields) for test in tests)


def _joined(tokens: list[tuple[str, str]], word: str) -> bool:
    if tokens and tokens[0][0] == "join" and JOINS[tokens[0][1].lower()] == word:
        tokens.pop(0)
        return True
    return False


def _one(tokens: list[tuple[str, str]]) -> Test:
    kind, name = _next(tokens)
    if name == "(":
        test = _either(tokens)
        if _next(tokens)[1] != ")":
            raise _bad(name)
        return test
    operation, value = _next(tokens), _literal(*_next(tokens))
    if kind != "name" or operation[0] != "op":
        raise _bad(name)
    compare = COMPARE[operation[1]]

    def test_field(fields: Fields) -> bool:
        if name not in fields:
            raise Refusal(bad_query(f"No property or field '{name}' exists in type"))
        found = fields[name]
        if found is None or value is None:
            return compare is operator.ne if found is not value else compare is operator.eq
        return bool(compare(found, value))

    return test_field


def _literal(kind: str, text: str) -> Any:
    if kind == "text":
        return text.strip('"')
    if kind == "number":
        return Decimal(text)
    if kind == "guid":
        return text[6:-2].lower()
    if kind == "day":
        year, month, day = (int(part) for part in re.findall(r"\d+", text))
        return date(year, month, day)
    if kind == "name" and text.lower() in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text.lower()]
    raise _bad(text)


def _next(tokens: list[tuple[str, str]]) -> tuple[str, str]:
    if not tokens:
        raise _bad("end of filter")
    return tokens.pop(0)


def _bad(text: str) -> Refusal:
    return Refusal(bad_query(f"Syntax error in where clause near '{text}'"))
