"""The OpenAPI 3.1 document, made from the table of routes and the types of their bodies and answers."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from lowsky import __version__

from .answers.result import Problem
from .route import WEBSOCKET, Query, Role, Route

PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
WORDS = {int: "integer", float: "number", str: "string"}


def document(table: tuple[Route, ...]) -> dict[str, Any]:
    """The whole document; WebSockets, which OpenAPI has no words for, are described under `x-websockets`."""
    types = [t for route in table for t in (route.request, route.answer) if _is_json(t)]
    unique = list(dict.fromkeys([*types, Problem]))
    schemas, components = msgspec.json.schema_components(unique, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(unique, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        if route.method != WEBSOCKET:
            path = PARAMETER.sub(r"{\1}", route.path)
            paths.setdefault(path, {})[route.method.lower()] = _operation(route, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "lowsky",
            "version": __version__,
            "summary": "One live low-altitude air picture out of the raw reports of many unlike sensors",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "lowsky_session"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
        "x-websockets": {r.path: {"summary": r.summary, "x-role": r.role} for r in table if r.method == WEBSOCKET},
    }


def _is_json(kind: Any) -> bool:
    return kind is not None and kind is not bytes


def _operation(route: Route, schema_of: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}",
        "summary": route.summary,
        "x-role": route.role,
        "security": [] if route.role is Role.PUBLIC else [{"session": []}, {"token": []}],
        "parameters": [*_path_parameters(route.path), *map(_query_parameter, route.query)],
        "responses": _responses(route, schema_of),
    }
    if route.request is not None:
        content = {"application/json": {"schema": schema_of[route.request]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _responses(route: Route, schema_of: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    problem = {"description": "one sentence", "content": {"application/json": {"schema": schema_of[Problem]}}}
    if route.answer is None:
        good: dict[str, Any] = {"204": {"description": "done"}}
    else:
        schema = schema_of[route.answer] if _is_json(route.answer) else {"type": "string", "format": "binary"}
        good = {str(route.status): {"description": route.summary, "content": {route.media: {"schema": schema}}}}
    return good | {"default": problem}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    kinds = {"int": "integer", "float": "number"}
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": kinds.get(convertor, "string")}}
        for name, convertor in PARAMETER.findall(path)
    ]


def _query_parameter(query: Query) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": WORDS[query.kind]}
    if query.default is not None:
        schema["default"] = query.default
    return {
        "name": query.name,
        "in": "query",
        "required": query.default is None,
        "description": query.summary,
        "schema": schema,
    }
