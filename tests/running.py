"""The running system, as the worlds of those tests that have one share it."""

from __future__ import annotations

from dataclasses import dataclass

from local.runtime import Runtime
from local.slack.server import SlackSandbox
from local.system import System
from local.xero.server import XeroSandbox


@dataclass
class Running:
    """With both sandboxes beside it."""

    system: System

    @property
    def runtime(self) -> Runtime:
        return self.system.runtime

    @property
    def xero(self) -> XeroSandbox:
        assert self.system.xero
        return self.system.xero

    @property
    def slack(self) -> SlackSandbox:
        assert self.system.slack
        return self.system.slack
