"""The HTTP API: only its routes matter here, the front serves them."""

from __future__ import annotations

from typing import Any

from local.aws.resources.kinds import TAGS, Created, Kind, Route, Stack, function_of, reads
from local.aws.template import TemplateError


def api(stack: Stack, _logical_id: str, given: dict[str, Any]) -> Created:
    if given.get("ProtocolType", "HTTP") != "HTTP":
        raise TemplateError(f"an API of the protocol {given['ProtocolType']} is not known here")
    return Created("local", {"ApiId": "local", "ApiEndpoint": stack.api_endpoint})


def integration(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    if given["IntegrationType"] != "AWS_PROXY" or given.get("PayloadFormatVersion") != "2.0":
        raise TemplateError("only integrations with a function and payload 2.0 are known here")
    stack.integrations[logical_id] = function_of(given["IntegrationUri"])
    return Created(logical_id)


def route(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    if given.get("AuthorizationType", "NONE") != "NONE":
        raise TemplateError("a route with an authorizer is not known here")
    stack.routes.append(Route(given["RouteKey"], stack.integrations[given["Target"].removeprefix("integrations/")]))
    return Created(logical_id)


KINDS = {
    "AWS::ApiGatewayV2::Api": Kind(
        api,
        reads("ProtocolType"),
        {
            "Name": "there is one API",
            "Description": "nobody reads it here",
            "DisableExecuteApiEndpoint": "the front is the only way in",
            **TAGS,
        },
    ),
    "AWS::ApiGatewayV2::Integration": Kind(
        integration,
        reads("IntegrationType", "IntegrationUri", "PayloadFormatVersion"),
        {
            "ApiId": "there is one API",
            "IntegrationMethod": "always the function's invoke",
            "TimeoutInMillis": "the function's own timeout ends it",
        },
    ),
    "AWS::ApiGatewayV2::Route": Kind(
        route, reads("RouteKey", "Target", "AuthorizationType"), {"ApiId": "there is one API"}
    ),
}
