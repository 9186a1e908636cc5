"""Without a mouse, and without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.place import Place

_FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  if (one === document.body) return {name: '', seen: true};
  return {name: (one.getAttribute('aria-label') || one.innerText || one.name || '').trim(),
          seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0};
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is there; it must be seen wherever it is."""
    for _ in range(40):
        focus = page.evaluate(_FOCUS)
        if focus["name"].startswith(name):
            return
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        assert focus["seen"], f"nobody sees that {focus['name']!r} has the focus"
    raise AssertionError(f"Tab never came to {name!r}")


def test_signing_in_takes_no_mouse(place: Place) -> None:
    visitor = place.visitor(place.member())
    page = visitor.page
    visitor.open("/sign-in")
    expect(page.locator("[name=email]")).to_be_focused()
    page.keyboard.type(visitor.email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    visitor.open("/_local/inbox")
    tab_to(page, f"{visitor.site}/sign-in/verify")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign in to Ledgercast")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(visitor.email)).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, "See what is read")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    tab_to(page, "Sign out")
    page.keyboard.press("Enter")
    expect(page.locator("[name=email]")).to_be_focused()


def test_the_way_in_to_xero_takes_no_javascript(place: Place) -> None:
    visitor = place.visitor(place.member(), javascript=False)
    place.consent("Quiet Ltd")
    visitor.sign_in_by_mail()
    visitor.open("/sources")
    visitor.follow("Connect to Xero")
    visitor.set_up_totp()
    visitor.go_on()
    assert "done=" in visitor.path()
    visitor.sign_out()
