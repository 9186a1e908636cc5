"""Lambda `console`: every page that is neither the second factor's nor a provider's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from functions.console import (
    activity,
    acts,
    api,
    overview,
    picker,
    preview,
    pulse_actions,
    pulse_api,
    pulse_edit,
    pulses,
    run_api,
    run_page,
    security,
    settings,
    sign_in,
    site,
    sources,
    stream_api,
    streams,
    unsubscribe,
)
from functions.console.compose import Dependencies, dependencies
from ledgercast.web.app import App


def build(compose: Callable[[], Dependencies] = dependencies) -> App[Dependencies]:
    app: App[Dependencies] = App("console", compose, Path(__file__).parent / "templates")
    for part in (site, sign_in, security, overview, sources, preview, activity, settings, picker, api):
        part.register(app)
    for part in (pulses, pulse_edit, pulse_actions, pulse_api):
        part.register(app)
    for part in (acts, run_page, run_api, unsubscribe):
        part.register(app)
    for part in (streams, stream_api):
        part.register(app)
    return app


app = build()
handler = app.handle
