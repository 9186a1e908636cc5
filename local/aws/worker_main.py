"""What a worker process runs: AWS's own Lambda runtime client, and a watch over its parent.

Run as a script, never imported by the runtime: `python -P worker_main.py HANDLER`.
"""

import json
import os
import sys
import threading

# What a call is judged by (local/aws/permissions.py): names of things, never a body.
NAMES = {
    *("TableName", "IndexName", "Bucket", "Prefix", "SecretId", "KeyId", "EncryptionContext", "QueueUrl"),
    *("FunctionName", "stateMachineArn", "executionArn", "FromEmailAddress", "ConfigurationSetName", "modelId"),
    *("Name", "GroupName"),
}


def _leave_with_parent() -> None:
    """Standard input is a pipe that only the parent holds: it closes when the parent ends, even by SIGKILL."""
    # Not sys.stdin: a thread that holds its lock makes the interpreter's own end fail.
    os.read(0, 1)
    os._exit(0)


def _note_calls(file: str) -> None:
    """Appends every AWS call of this worker to a file, one JSON object a line."""
    from botocore.client import BaseClient

    real = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(client, operation, given):  # type: ignore[no-untyped-def]
        names = {name: value for name, value in given.items() if name in NAMES}
        if isinstance(given.get("Key"), str):
            names["Key"] = given["Key"]  # of an object; an item's key holds ids
        if "RequestItems" in given:  # of one table, as everything here
            (names["TableName"],) = given["RequestItems"]
        noted = {
            "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            "service": client.meta.service_model.signing_name,
            "operation": operation,
            "names": names,
        }
        with open(file, "a") as lines:  # noqa: PTH123 - one write, one line
            lines.write(json.dumps(noted) + "\n")
        return real(client, operation, given)

    BaseClient._make_api_call = call  # type: ignore[attr-defined]


def main() -> None:
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    if calls := os.environ.get("LEDGERCAST_IAM_LOG"):
        _note_calls(calls)
    from awslambdaric.__main__ import main as serve

    serve(sys.argv)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
