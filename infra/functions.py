"""The functions that the state machine calls: the pipeline's steps, and the one that tells the owners (design 9)."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.function import Size, function
from infra.permits import accept_wildcard
from infra.reach import ROWS, Reach
from infra.schedules import Schedules
from infra.settings import Settings

SIZES = {
    "fetch": Size(timeout=120, memory=512),
    "summarise": Size(timeout=30, memory=256),
    "render": Size(timeout=60, memory=1769),
    "deliver": Size(timeout=120, memory=512),
    "notify": Size(timeout=60, memory=256),
}


class Functions(Construct):
    """`all` has them by name. `public_url` is the site's own origin, for links in mails."""

    def __init__(
        self, scope: Construct, name: str, settings: Settings, reach: Reach, schedules: Schedules, public_url: str
    ) -> None:
        super().__init__(scope, name)
        told = {
            "fetch": reach.told("STATE_TABLE", "LEDGER_TABLE", "BUCKET", "KEY", "APP_SECRET", "SECRET_PREFIX"),
            "summarise": {**reach.told("BUCKET"), **reach.model_told()},
            "render": reach.told("BUCKET"),
            "deliver": {
                **reach.told("STATE_TABLE", "LEDGER_TABLE", "BUCKET", "SENDER", "OWNER_EMAIL"),
                "LEDGERCAST_PUBLIC_URL": public_url,
            },
            "notify": {
                **reach.told("STATE_TABLE", "LEDGER_TABLE", "SENDER"),
                "LEDGERCAST_PUBLIC_URL": public_url,
                "LEDGERCAST_SCHEDULE_GROUP": schedules.group_name,
                "LEDGERCAST_SCHEDULER_ROLE": schedules.role.role_arn,
                "LEDGERCAST_SCHEDULER_DEAD_LETTERS": schedules.dead_letters.queue_arn,
            },
        }
        drawing = reach.objects(read=["runs/*"], write=["runs/*"])
        fetched = ["snapshots/*", "previews/*", "runs/*"]
        may = {
            "fetch": [
                *reach.tables(state=ROWS, ledger=["PutItem"]),
                *reach.objects(read=fetched, write=fetched),
                *reach.secrets(read=["app", "grant"], write=["grant"]),
                reach.sealing("grant"),
            ],
            "summarise": [*drawing, *reach.model()],
            "render": reach.objects(read=["previews/*", "runs/*"], write=["previews/*", "runs/*"]),
            "deliver": [
                *reach.tables(state=["GetItem", "Query", "PutItem"], ledger=["GetItem", "Query", "PutItem"]),
                *reach.objects(read=["runs/*"], write=["runs/*/sent/*"]),
                *reach.secrets(read=["slack"]),
                reach.mail(),
            ],
            "notify": [
                *reach.tables(state=["GetItem", "Query", "PutItem", "UpdateItem"], ledger=["Query", "PutItem"]),
                *schedules.to_plan("resume-*"),
                reach.mail(),
            ],
        }
        self.all: dict[str, lambda_.Function] = {
            one: function(self, one, settings, SIZES[one], told[one], may[one]) for one in SIZES
        }
        reach.accept(self)
        accept_wildcard(self, schedules.named("resume-*"), "A deferred run has a schedule of its own, named by a hash.")
