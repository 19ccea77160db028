"""The ASGI application: routes from the table, errors as JSON, the runtime's life as the application's."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from .dispatch import on_defect, on_http_error, starlette_routes
from .routes import ROUTES
from .runtime import Runtime


def make_app(runtime: Runtime) -> Starlette:
    """The application of a runtime, which starts and stops with it."""

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = Starlette(
        routes=starlette_routes(ROUTES),
        lifespan=life,
        exception_handlers={HTTPException: on_http_error, 500: on_defect},
    )
    app.state.runtime = runtime
    return app
