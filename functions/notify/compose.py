"""The dependencies of the Lambda `notify`, from its environment."""

from __future__ import annotations

from functions.notify.notify import Dependencies
from functions.notify.resume import Resumes
from ledgercast import clock, notices
from ledgercast.settings import required
from ledgercast.store import connect
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.installs import InstallStore


def dependencies() -> Dependencies:
    """Raises SettingsError where the deployment lacks a setting."""
    table = connect.state_table()
    # It reads no token and makes no secret: only the install's row is touched.
    installs = InstallStore(table, connect.client("secretsmanager"), key="", prefix="")
    return Dependencies(
        state=connect.state(),
        incidents=IncidentStore(table),
        resumes=Resumes(
            client=connect.client("scheduler"),
            group=required("LEDGERCAST_SCHEDULE_GROUP"),
            role=required("LEDGERCAST_SCHEDULER_ROLE"),
            dead_letters=required("LEDGERCAST_SCHEDULER_DEAD_LETTERS"),
            now=clock.now,
        ),
        tell=notices.from_environment("notify").tell,
        slack_broke=installs.broke,
        now=clock.now,
    )
