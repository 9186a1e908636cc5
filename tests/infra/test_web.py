"""The front door: its routes, bounds and log, and that the functions answer what the API sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.console.handler import app as console
from functions.mfa.handler import app as mfa
from functions.oauth.handler import app as oauth
from infra.routes import ROUTES
from tests.infra.reading import Template, flat

APPS: dict[str, Any] = {"console": console, "mfa": mfa, "oauth": oauth}


@pytest.mark.parametrize("name", ROUTES)
def test_the_api_has_the_routes_of_each_function_and_no_other(name: str) -> None:
    assert sorted(ROUTES[name]) == sorted(route.key for route in APPS[name].routes)


def test_no_route_belongs_to_two_functions() -> None:
    keys = [key for routes in ROUTES.values() for key in routes]
    assert len(keys) == len(set(keys))


def test_every_route_leads_to_its_function_and_whatever_else_comes_to_the_console(template: Template) -> None:
    behind = {
        name: flat(one["Properties"]["IntegrationUri"])
        for name, one in template.of("AWS::ApiGatewayV2::Integration").items()
    }
    found = {
        one["Properties"]["RouteKey"]: behind[
            flat(one["Properties"]["Target"]).removeprefix("integrations/").strip("<>")
        ]
        for one in template.of("AWS::ApiGatewayV2::Route").values()
    }
    expected = {key: f"<{template.function_id(name)}.Arn>" for name, keys in ROUTES.items() for key in keys}
    others = {"$default": "console", "POST /webhooks/xero": "webhook"}

    assert found == {**expected, **{key: f"<{template.function_id(name)}.Arn>" for key, name in others.items()}}
    for one in template.of("AWS::ApiGatewayV2::Integration").values():
        assert one["Properties"]["PayloadFormatVersion"] == "2.0"


def test_the_api_takes_so_much_and_no_more(template: Template) -> None:
    """IN-2"""
    _, stage = template.one("AWS::ApiGatewayV2::Stage")

    assert stage["StageName"] == "$default"
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100}


def test_the_access_log_has_the_routes_key_and_neither_path_nor_query_nor_address(template: Template) -> None:
    """LG-1"""
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    log, _ = template.one("AWS::Logs::LogGroup", "WebAccessLog")
    written = json.loads(stage["AccessLogSettings"]["Format"])

    assert flat(stage["AccessLogSettings"]["DestinationArn"]) == f"<{log}.Arn>"
    assert "$context.routeKey" in written.values()
    assert set(written) == {
        *{"requestId", "requestTime", "routeKey", "status", "responseLength"},
        *{"integrationLatency", "integrationStatus"},
    }


@pytest.mark.parametrize("name", ROUTES)
def test_a_page_ends_before_the_api_gives_it_up(template: Template, name: str) -> None:
    assert template.function(name)["Timeout"] < 30


def test_only_the_api_may_call_the_functions_behind_it(template: Template) -> None:
    """IN-1"""
    [api] = template.of("AWS::ApiGatewayV2::Api")
    permissions = [one["Properties"] for one in template.of("AWS::Lambda::Permission").values()]

    assert {flat(one["FunctionName"]) for one in permissions} == {
        f"<{template.function_id(name)}.Arn>" for name in (*ROUTES, "webhook")
    }
    for one in permissions:
        assert (one["Action"], one["Principal"]) == ("lambda:InvokeFunction", "apigateway.amazonaws.com")
        assert f":<{api}>/" in flat(one["SourceArn"])
