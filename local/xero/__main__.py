"""`python -m local.xero [PORT]`: the sandbox alone, for trying a client against it by hand. Ctrl-C ends it."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime

from local.xero.generate import generate
from local.xero.server import XeroSandbox


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with XeroSandbox(generate(datetime.now(UTC).date()), lambda: datetime.now(UTC), port) as xero:
        print(f"{xero.url}  client {xero.client_id}  secret {xero.client_secret}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
