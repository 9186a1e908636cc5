"""`python -m ledgercast …`: the operator's commands. No function ships what they need (infra/bundle.py)."""

from __future__ import annotations

import sys

from ledgercast.ops.main import main

if __name__ == "__main__":
    sys.exit(main())
