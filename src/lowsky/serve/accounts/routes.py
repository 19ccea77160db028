"""The routes of accounts, as part of the table of all routes."""

from __future__ import annotations

from lowsky.serve.route import Role, Route

from . import first_page, handlers, managing, types

ADMINISTRATOR, PUBLIC, VIEWER = Role.ADMINISTRATOR, Role.PUBLIC, Role.VIEWER

ROUTES: tuple[Route, ...] = (
    Route("/api/session", "GET", VIEWER, "who is logged in", handlers.get_session, answer=types.SessionAnswer),
    Route("/api/session", "POST", PUBLIC, "log in", handlers.post_session, types.LoginGiven, types.SessionAnswer,
          max_body_bytes=handlers.MAX_LOGIN_BYTES),
    Route("/api/session", "DELETE", VIEWER, "log out", handlers.delete_session, query=handlers.LOGOUT_QUERY),
    Route("/api/session/password", "PUT", VIEWER, "change the own password", handlers.put_own_password,
          types.OwnPasswordGiven, max_body_bytes=handlers.MAX_LOGIN_BYTES),
    Route("/api/users", "GET", ADMINISTRATOR, "all users", managing.list_users, answer=types.UserList),
    Route("/api/users", "POST", ADMINISTRATOR, "make a user", managing.post_user, types.UserGiven, types.UserAnswer,
          max_body_bytes=handlers.MAX_LOGIN_BYTES, status=201),
    Route("/api/users/{user}", "PUT", ADMINISTRATOR, "give a user another role or password", managing.put_user,
          types.UserChange, types.UserAnswer, max_body_bytes=handlers.MAX_LOGIN_BYTES),
    Route("/api/users/{user}", "DELETE", ADMINISTRATOR, "remove a user", managing.delete_user),
    Route("/api/users/{user}/sessions", "DELETE", ADMINISTRATOR, "log a user out everywhere",
          managing.delete_user_sessions, answer=types.Ended),
    Route("/api/tokens", "GET", ADMINISTRATOR, "all API tokens", managing.list_tokens, answer=types.TokenList),
    Route("/api/tokens", "POST", ADMINISTRATOR, "make an API token; its secret is shown this once",
          managing.post_token, types.TokenGiven, types.TokenMade, status=201),
    Route("/api/tokens/{name}", "DELETE", ADMINISTRATOR, "revoke an API token", managing.delete_token),
    Route("/api/audit", "GET", ADMINISTRATOR, "who did what, the newest first", managing.get_audit,
          answer=types.AuditAnswer, query=managing.AUDIT_QUERY),
    Route("/first", "GET", PUBLIC, "the page of the first administrator's link", first_page.get_first,
          answer=bytes, query=first_page.FIRST_QUERY, media="text/html"),
    Route("/first", "POST", PUBLIC, "make the first administrator", first_page.post_first,
          answer=bytes, media="text/html", max_body_bytes=first_page.MAX_FORM_BYTES),
)  # fmt: skip
