"""A runtime in a process of its own, to be ended from outside: prints what its test needs to know, and waits."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from local.runtime import Runtime
from tests.workflow.small.template import template


def main() -> None:
    with Runtime(template(), Path(sys.argv[1])) as runtime:
        runtime.invoke("ledgercast-Environment", b"{}")
        runtime.start({"key": "unfinished", "do": {"1": "sleep"}, "wait": 3600})
        known = {"port": runtime.front.port, "aws": runtime.endpoint, "workers": runtime.workers.processes()}
        print(json.dumps(known), flush=True)  # noqa: T201 - the test reads it
        runtime.serve()


if __name__ == "__main__":
    main()
