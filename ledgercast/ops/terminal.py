"""How the operator's commands speak: results on stdout, everything else on stderr, and one line when they stop."""

from __future__ import annotations

import sys
from collections.abc import Sequence


class Stop(Exception):
    """The command ends here. The message is one line for the operator and holds no secret.

    `status`: 1 where the deployment said no, 2 where the command could not begin as it was given.
    """

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def say(text: str) -> None:
    """A result, on stdout."""
    print(text)  # noqa: T201


def remark(text: str) -> None:
    """Something to know about it, on stderr: it never gets in the way of a script that reads the result."""
    print(text, file=sys.stderr)  # noqa: T201


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows in columns as wide as their longest cell."""
    lines = [list(heads), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
