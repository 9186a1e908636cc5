"""The front door: an HTTP API with explicit routes, and the functions behind it (design 8).

The API keeps nobody out by itself: who may enter is said at each route of the functions' own edge (`ledgercast/web`).
What it does is to bound: requests a second, ten megabytes a body, and a log that has the route's key alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.function import RETENTION, Size, function
from infra.monitoring import PERIOD, Alarms
from infra.permits import accept, allow
from infra.reach import ROWS, Reach
from infra.routes import ANYTHING_ELSE, ROUTES
from infra.schedules import Schedules
from infra.settings import Settings

# API Gateway gives a function thirty seconds; each ends a little earlier and says so itself.
SIZES = {
    "console": Size(timeout=28, memory=512),
    "mfa": Size(timeout=15, memory=512),
    "oauth": Size(timeout=29, memory=512),
}
# Never the path or the query, which may hold ids and tokens (design 7).
LOGGED = ("requestId", "requestTime", "routeKey", "status", "responseLength", "integrationLatency", "integrationStatus")


class Web(Construct):
    """`url` is the site's own origin: links in mails and the redirect addresses of Xero and Slack are built from it.

    It is known before the functions are, which `serve` adds: theirs is the environment that names it.
    """

    def __init__(self, scope: Construct, name: str, settings: Settings, alarms: Alarms) -> None:
        super().__init__(scope, name)
        self._settings = settings
        self._api = apigateway.HttpApi(
            self,
            "Api",
            api_name=f"ledgercast-{settings.stage}",
            description=f"Ledgercast {settings.stage}: pages and API",
            create_default_stage=False,
        )
        self.url = settings.base_url or self._api.api_endpoint
        self._open(settings)
        accept(
            self,
            "APIG4",
            "Sessions are the application's own: every route of a function says who may enter, and a test visits each.",
        )
        alarms.once(
            "PagesFailed",
            self._api.metric_server_error(period=PERIOD, statistic="Sum"),
            "A page or a call of the API failed.",
            "a-page-failed",
        )

    def serve(
        self,
        reach: Reach,
        steps: Mapping[str, lambda_.Function],
        schedules: Schedules,
        events: sqs.Queue,
        machine: sfn.StateMachine,
    ) -> None:
        """The functions behind the routes; of the pipeline's `steps` two make previews, `machine` runs pulses, and
        `events` takes test events of streams."""
        self.all = self._functions(reach, steps, schedules, events, machine)
        self._route()
        reach.accept(self)
        schedules.accept_pulses(self)

    def add(self, key: str, behind: lambda_.Function, per_second: int) -> None:
        """A route of a function of its own, with a throttle of its own."""
        integration = HttpLambdaIntegration(f"{key}Integration", behind, scope_permission_to_route=False)
        route = self._add(key, integration)
        self._stage.route_settings = {key: {"ThrottlingRateLimit": per_second, "ThrottlingBurstLimit": 2 * per_second}}
        # The API knows no settings of a route that is not there yet.
        self._stage.node.add_dependency(route)

    def _open(self, settings: Settings) -> None:
        log = logs.LogGroup(self, "AccessLog", retention=RETENTION, removal_policy=cdk.RemovalPolicy.RETAIN)
        stage = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self._api.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.log_group_arn, format=json.dumps({one: f"$context.{one}" for one in LOGGED})
            ),
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=settings.requests_per_second,
                throttling_burst_limit=2 * settings.requests_per_second,
            ),
        )
        stage.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
        self._stage = stage

    def _functions(
        self,
        reach: Reach,
        steps: Mapping[str, lambda_.Function],
        schedules: Schedules,
        events: sqs.Queue,
        machine: sfn.StateMachine,
    ) -> dict[str, lambda_.Function]:
        site = {**reach.told("STATE_TABLE", "LEDGER_TABLE"), "LEDGERCAST_PUBLIC_URL": self.url}
        told = {
            "console": {
                **reach.told("BUCKET", "SENDER", "OWNER_EMAIL", "XERO_SCOPES"),
                **reach.model_told(),
                **schedules.told(machine),
                "LEDGERCAST_EVENTS_QUEUE": events.queue_url,
                "LEDGERCAST_FETCH_FUNCTION": steps["fetch"].function_name,
                "LEDGERCAST_RENDER_FUNCTION": steps["render"].function_name,
                "LEDGERCAST_RUN_DAYS": str(self._settings.run_days),
            },
            "mfa": reach.told("KEY"),
            "oauth": reach.told("BUCKET", "KEY", "APP_SECRET", "SECRET_PREFIX", "XERO_SCOPES"),
        }
        may = {
            "console": [
                *reach.tables(state=ROWS, ledger=["Query", "PutItem"], index=True),
                *reach.objects(read=["previews/*", "runs/*"]),
                *reach.secrets(read=["slack"]),
                allow("lambda:InvokeFunction", on=[steps[one].function_arn for one in ("fetch", "render")]),
                *schedules.to_keep(),
                allow("states:StartExecution", on=[machine.state_machine_arn]),
                allow("sqs:SendMessage", on=[events.queue_arn]),
                reach.mail(),
            ],
            "mfa": [*reach.tables(state=ROWS, ledger=["PutItem"], index=True), reach.sealing("member")],
            "oauth": [
                *reach.tables(state=ROWS, ledger=["PutItem"], index=True),
                *reach.objects(delete=["snapshots/*", "previews/*", "runs/*"]),
                *reach.secrets(read=["app", "grant", "slack"], write=["grant"], make=["grant", "slack"]),
                reach.sealing("grant"),
            ],
        }
        return {one: function(self, one, self._settings, SIZES[one], {**site, **told[one]}, may[one]) for one in SIZES}

    def _route(self) -> None:
        """One permission for each function, not for each route: a function's policy holds no more than 20 KiB."""
        behind = {
            name: HttpLambdaIntegration(f"{name.capitalize()}Integration", one, scope_permission_to_route=False)
            for name, one in self.all.items()
        }
        for name, keys in {**ROUTES, "console": (*ROUTES["console"], ANYTHING_ELSE)}.items():
            for key in keys:
                self._add(key, behind[name])

    def _add(self, key: str, integration: HttpLambdaIntegration) -> apigateway.HttpRoute:
        return apigateway.HttpRoute(
            self, key.replace("/", "~"), http_api=self._api, route_key=_route_key(key), integration=integration
        )


def _route_key(key: str) -> apigateway.HttpRouteKey:
    if key == ANYTHING_ELSE:
        return apigateway.HttpRouteKey.DEFAULT
    method, path = key.split(" ")
    return apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod[method])
