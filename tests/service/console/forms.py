"""A page's form as a browser without JavaScript fills it in and sends it: every field that is there, unless changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from tests.service.web.browser import ORIGIN, Answer, Browser

_HEADERS = {
    "content-type": "application/x-www-form-urlencoded",
    "origin": ORIGIN,
    "sec-fetch-site": "same-origin",
}


@dataclass
class Form:
    """`fields` are what would be sent now; `offered` has every value that a choice has, `off` those disabled."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    offered: dict[str, list[str]] = field(default_factory=dict)
    off: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def value(self, name: str) -> str:
        return (self.values(name) or [""])[-1]

    def fill(self, **given: str | list[str]) -> Form:
        for name, value in given.items():
            values = value if isinstance(value, list) else [value]
            self.fields = [pair for pair in self.fields if pair[0] != name] + [(name, one) for one in values]
        return self

    def tick(self, name: str, value: str) -> Form:
        assert value in self.offered.get(name, []), f"{name} has no choice {value}"
        return self.fill(**{name: [*self.values(name), value]})

    def send(self, browser: Browser, do: str = "save") -> Answer:
        assert not do or ("do", do) in self.buttons, f"there is no button {do}"
        pairs = [*self.fields, *([("do", do)] if do else [])]
        return browser.send("POST", self.action, body=urlencode(pairs).encode(), headers=_HEADERS)


def forms(answer: Answer) -> list[Form]:
    reader = _Reader()
    reader.feed(answer.body)
    return reader.found


def form(answer: Answer, action: str) -> Form:
    """The form of the page that is sent there."""
    return next(one for one in forms(answer) if one.action == action)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = ""
        self._first: str | None = None
        self._chosen = False
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
        if not self.found:
            return
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "input" and name:
            self._input(given, name, value)
        elif tag == "button":
            self.found[-1].buttons.append((name, value))
        elif tag == "select":
            self._select, self._first, self._chosen = name, None, False
        elif tag == "option" and self._select:
            self._option(value, "selected" in given)
        elif tag == "textarea":
            self._area, self._text = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._first is not None and not self._chosen:
            self.found[-1].fields.append((self._select, self._first))
        if tag == "select":
            self._select = ""
        if tag == "textarea" and self._area:
            self.found[-1].fields.append((self._area, self._text))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def _input(self, given: dict[str, str], name: str, value: str) -> None:
        here = self.found[-1]
        if given.get("type") in ("radio", "checkbox"):
            (here.off if "disabled" in given else here.offered).setdefault(name, []).append(value)
            if "checked" not in given or "disabled" in given:
                return
        here.fields.append((name, value))

    def _option(self, value: str, selected: bool) -> None:
        here = self.found[-1]
        here.offered.setdefault(self._select, []).append(value)
        self._first = value if self._first is None else self._first
        if selected and not self._chosen:
            self._chosen = True
            here.fields.append((self._select, value))
