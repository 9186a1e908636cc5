"""The Slack app's manifest, generated from the frozen scopes and this deployment's address.

`docs/slack-manifest.json` is this for an example address; a test holds the two equal. Schema: Slack's app manifest
reference. `python -m ledgercast.slack.manifest https://ledgercast.example.com` prints it for an address of one's own.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from ledgercast.slack.install import SCOPES

CALLBACK: Final = "/oauth/slack/callback"
EXAMPLE: Final = "https://ledgercast.example.com"


def manifest(base_url: str) -> dict[str, Any]:
    """`base_url` is LEDGERCAST_PUBLIC_URL: scheme and host, without a slash at the end."""
    return {
        "display_information": {
            "name": "Ledgercast",
            "description": "Your Xero figures as finished charts, on schedule",
            "background_color": "#1f57c8",
        },
        "features": {"bot_user": {"display_name": "Ledgercast", "always_online": False}},
        "oauth_config": {"redirect_urls": [f"{base_url}{CALLBACK}"], "scopes": {"bot": list(SCOPES)}},
        "settings": {"org_deploy_enabled": False, "socket_mode_enabled": False, "token_rotation_enabled": False},
    }


def text(base_url: str) -> str:
    return json.dumps(manifest(base_url), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else EXAMPLE))
