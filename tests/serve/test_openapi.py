"""The OpenAPI document: complete, and consistent in itself."""

from __future__ import annotations

import json
import re
from typing import Any

from lowsky.serve.openapi import document
from lowsky.serve.route import MAY, WEBSOCKET, Role
from lowsky.serve.routes import ROUTES

DOCUMENT: dict[str, Any] = json.loads(json.dumps(document(ROUTES)))


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, o) for path, item in DOCUMENT["paths"].items() for method, o in item.items()]


def test_every_route_is_there_and_nothing_else() -> None:
    declared = {(re.sub(r":\w+}", "}", r.path), r.method.lower()) for r in ROUTES if r.method != WEBSOCKET}
    assert {(path, method) for path, method, _ in operations()} == declared
    assert set(DOCUMENT["x-websockets"]) == {r.path for r in ROUTES if r.method == WEBSOCKET}


def test_operations_have_ids_of_their_own_summaries_and_roles() -> None:
    ids = [o["operationId"] for _, _, o in operations()]
    assert len(ids) == len(set(ids))
    for _, _, operation in operations():
        assert operation["summary"]
        assert operation["x-role"] in list(Role)
        assert (operation["security"] == []) is (operation["x-role"] == "public")


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    text = json.dumps(DOCUMENT)
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert referred == set(DOCUMENT["components"]["schemas"])


def test_path_parameters_are_declared() -> None:
    for path, _, operation in operations():
        declared = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))


def test_what_changes_something_has_a_body_or_none_and_every_answer_is_described() -> None:
    for _, method, operation in operations():
        assert method in ("get", "post", "put", "delete")
        assert "default" in operation["responses"]
        assert len(operation["responses"]) == 2
        if method == "get":
            assert "requestBody" not in operation


def test_no_two_routes_are_one_and_roles_grow() -> None:
    keys = [(route.path, route.method) for route in ROUTES]
    assert len(keys) == len(set(keys))
    assert MAY[Role.ADMINISTRATOR] < MAY[Role.OFFICER] < MAY[Role.VIEWER] < MAY[Role.PUBLIC]
    assert MAY[Role.INTEGRATOR] < MAY[Role.VIEWER]
