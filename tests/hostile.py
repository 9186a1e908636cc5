"""What somebody who means no good types, sends and asks for. Shared by the tests of every route.

`zz9` marks what was sent, so that it can be looked for afterwards; `qq7marked7` marks what was sent as a secret, which
is too long to come up by chance in a random value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
READS = re.compile(r'(?:query\.get|form\.get|\.field|\.asked|\.many|_cursor)\((?:visit, )?"(\w+)"')
NAMES = sorted({name for file in (ROOT / "functions").rglob("*.py") for name in READS.findall(file.read_text())})
"""Every field and question that a function looks at, as its source names it."""
SECRET = ("code", "csrf", "state", "token")

VALUES = {
    "nothing": "",
    "control characters": "zz9%00%1b%7f%08",
    "a header": "zz9%0d%0aSet-Cookie:%20zz9=1%0d%0aLocation:%20https://evil.example/%0d%0a%0d%0a<script>",
    "markup": quote("\"'><script>zz9()</script><img src=x onerror=zz9()>"),
    "a template": quote("zz9{{7*7}}{%raw%}${7*7}#{7*7}<%=7*7%>"),
    "a path": "..%2f..%2f..%2fetc%2fzz9%00.html",
    "JSON": quote('{"zz9":{"$ne":null,"$where":"1"},"x":[[[[[[[[]]]]]]]]}'),
    "a query": quote("zz9' OR '1'='1' -- \"; DROP TABLE zz9; ("),
    "directions": quote("zz9\u202e\u2066\u2028\u2029\u0085\ufeff"),
    "a number": "9" * 300,
    "no number": "-1e999zz9",
    "pictures": quote("😀" * 60),
    "a format": quote("zz9%s%n%x{0.__class__}{zz9!r}%(zz9)s"),
    "expressions": quote("zz9#pk = :pk AND attribute_exists(pk)"),
    "broken escapes": "%zz9%%%2",
}
"""As they stand in an address or a form."""
UNREADABLE = ("zz9%ff%fe%c3%28", "zz9%ed%a0%80", "zz9" * 30_000)
"""No text, half a letter, too much: whatever else is asked beside them, the request is refused."""

# fmt: off
SEGMENTS = [
    "..", ".", "%2e%2e", "..%2f..%2fzz9", "%2fzz9", "zz9%2f", "%5czz9", "zz9%00", "%00", "%ff%fe", "zz9%0d%0aX:y",
    "%c3%a9", "zz9;a=b", "zz9,zz9", "zz9'--", "%22%3E%3Cscript%3Ezz9", "%25zz9", "%252e%252e%252fzz9", "zz9*", "~",
    "CONN%23zz9", "WS%23other%23zz9", "%20", "zz9:zz9", "zz9@evil.example", "%E2%80%AEzz9",
]
SEGMENTS += ["a" * 81, "z" * 400]
"""One part of an address, as it stands there."""

AWAY = [
    "//evil.example", "///evil.example", "/%2f/evil.example", "/%2fevil.example", "%2f%2fevil.example",
    "/\\evil.example", "/%5cevil.example", "\\\\evil.example", "/\\/evil.example", "https://evil.example",
    "https:evil.example", "http:/evil.example", "javascript:alert(1)", "data:text/html,x", "/sources//evil.example",
    "/sources@evil.example", "/.evil.example", "@evil.example", ".evil.example", "/sources/../../evil.example",
    "/;@evil.example", "/sources?x=//evil.example", "/sources#//evil.example", "/sources/%0d%0aevil",
    "http://localhost@evil.example/", "/oauth/xero/callback?code=a&state=b", "/sign-out", "/_local/inbox", "*",
    "/sign-in/verify?token=evil", "/oauth/xero/start/../../evil", "/%e2%80%aeevil", "/．evil.example",
    "／／evil.example",
]
AWAY += [" //evil.example", "/\t/evil.example", "/\n/evil.example", "/sources\r\nLocation: https://evil.example"]
AWAY += ["/sources\x00evil", "/sources\u2028/evil"]
"""Where no redirect of ours may lead; plain, to be escaped."""
# fmt: on

KINDS = {
    "JSON": ("application/json", '{"email": {"zz9": ["zz9"]}, "csrf": null}'),
    "deep JSON": ("application/json", "[" * 20_000),
    "a file": (
        "multipart/form-data; boundary=z",
        '--z\r\nContent-Disposition: form-data; name="email"\r\n\r\nzz9\r\n--z--',
    ),
    "plain text": ("text/plain", "email=zz9"),
    "XML": ("application/xml", '<!DOCTYPE a [<!ENTITY zz9 SYSTEM "file:///etc/passwd">]><a>&zz9;</a>'),
    "another alphabet": ("application/x-www-form-urlencoded; charset=utf-16", "\ufeffe\x00m\x00a\x00i\x00l\x00=zz9"),
    "no kind": ("", "email=zz9"),
    "nonsense": ('zz9/zz9; zz9="', "email=zz9"),
}
"""Bodies that are no form of ours, with the type that they claim."""


def mixtures() -> Iterator[str]:
    """Every field with every value, all fields at once, some twice: as many as there are values."""
    shapes = list(VALUES.values())
    for turn in range(len(shapes)):
        given = [(name, shapes[(turn + number) % len(shapes)]) for number, name in enumerate(NAMES)]
        given += [(name, shapes[(turn + number + 7) % len(shapes)]) for number, name in enumerate(NAMES[turn % 3 :: 3])]
        yield "&".join(f"{name}={marked(name, value)}" for name, value in given if name != "csrf") + "&a[]=zz9&&=&zz9"


def marked(name: str, value: str) -> str:
    """A secret must not even come back to whoever sent it."""
    return value.replace("zz9", "qq7marked7") if name in SECRET else value
