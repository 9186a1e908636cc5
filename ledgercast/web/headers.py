"""The headers that every answer carries, locally too (SE-2)."""

from __future__ import annotations

from ledgercast.web.edge import WebSettings
from ledgercast.web.reply import Cookie, Reply

HSTS = "max-age=63072000; includeSubDomains"


def policy(form_action: tuple[str, ...] = ()) -> str:
    """The Content Security Policy: nothing but our own style sheet and pictures, no script at all."""
    rules = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "form-action": " ".join(("'self'", *form_action)),
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def security_headers(reply: Reply, settings: WebSettings) -> dict[str, str]:
    """Those of SE-2. Nothing is stored by a cache unless the reply itself says so."""
    onward = tuple(origin for start, origin in settings.onward if str(reply.values.get("next") or "").startswith(start))
    return {
        "Cache-Control": "no-store",
        **reply.headers,
        "Content-Security-Policy": policy((*reply.form_action, *onward)),
        "Strict-Transport-Security": HSTS,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": reply.referrer,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def cookie_line(cookie: Cookie, *, local: bool) -> str:
    """`__Host-` and Secure, except over the local runtime's plain http (contracts.md 2)."""
    name, secure = (cookie.name, "") if local else (f"__Host-{cookie.name}", "; Secure")
    age = "" if cookie.max_age is None else f"; Max-Age={cookie.max_age}"
    return f"{name}={cookie.value}; Path=/{age}{secure}; HttpOnly; SameSite=Lax"
