"""The tests of one group must share a process: a runtime, an assembly, a port. Said nowhere when it is broken."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("guard")
def test_the_groups_of_a_parallel_run_are_kept(request: pytest.FixtureRequest) -> None:
    """xdist ends the name of a grouped test with the group's; with some versions of pytest it quietly does not."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@guard")
