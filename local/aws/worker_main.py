"""What a worker process runs: AWS's own Lambda runtime client, and a watch over its parent.

Run as a script, never imported by the runtime: `python -P worker_main.py HANDLER`.
"""

import os
import sys
import threading


def _leave_with_parent() -> None:
    """Standard input is a pipe that only the parent holds: it closes when the parent ends, even by SIGKILL."""
    # Not sys.stdin: a thread that holds its lock makes the interpreter's own end fail.
    os.read(0, 1)
    os._exit(0)


def main() -> None:
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    from awslambdaric.__main__ import main as serve

    serve(sys.argv)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
