"""The mail viewer at `/_local/inbox`: every mail that the system sent, newest first, its links one click away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email import policy
from email.parser import BytesParser
from html import escape

from local.aws.hooks import Letter
from local.demo.page import mail_of

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
article { border: 1px solid #8886; border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
h2 { font-size: 1.05rem; margin: 0; } p { margin: .25rem 0; } .soft { opacity: .7; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
iframe { width: 100%; height: 30rem; border: 1px solid #8886; background: #fff; }
"""


def inbox(letters: Iterable[Letter]) -> str:
    """The page, for people on this machine. Nothing of a mail runs: it is text, and its HTML lies in a sandbox."""
    shown = "".join(map(_article, reversed(list(letters)))) or "<p>No mail was sent yet. Reload to look again.</p>"
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>Mail</title><style>{_STYLE}</style>"
    width = "<meta name=viewport content='width=device-width'>"
    return f"{head}{width}<main><h1>Mail</h1><p class=soft>Newest first. Nothing leaves this machine.</p>{shown}</main>"


def _article(letter: Letter) -> str:
    message = BytesParser(policy=policy.default).parsebytes(letter.raw.encode())
    plain = message.get_body(("plain",))
    mail = mail_of("", letter.raw.encode())
    looks = f"<details><summary>As a mail program shows it</summary>{_frame(mail.html)}</details>" if mail.html else ""
    return (
        f"<article><h2>{escape(mail.subject)}</h2>"
        f"<p class=soft>To {escape(mail.to)} · {letter.at:%d %B %Y, %H:%M} UTC</p>"
        f"<pre>{_linked(plain.get_content() if plain else '')}</pre>{looks}</article>"
    )


def _frame(html: str) -> str:
    return f'<iframe sandbox title="The mail" srcdoc="{escape(html, quote=True)}"></iframe>'


def _linked(text: str) -> str:
    """The text with its addresses as links."""
    parts, at = [], 0
    for found in _LINK.finditer(text):
        address = escape(found[0], quote=True)
        parts += [escape(text[at : found.start()]), f'<a href="{address}" rel="noreferrer">{address}</a>']
        at = found.end()
    return "".join((*parts, escape(text[at:])))
