"""Roles: what a visitor may do, and what a route asks for.

viewer < officer < administrator is a ladder; integrator stands beside it: a viewer who also configures sources, reports
and sensors, but neither acknowledges warnings nor manages accounts. `NONE` is what a visitor without login has and what
the few open routes ask for (login, health, static files of the pages).
"""

from __future__ import annotations

from enum import Enum

from lowsky.model.errors import InputError


class Role(Enum):
    """A role by its word in files, answers and on the command line."""

    NONE = "none"
    VIEWER = "viewer"
    OFFICER = "officer"
    INTEGRATOR = "integrator"
    ADMINISTRATOR = "administrator"

    def may(self, least: Role) -> bool:
        """Whether who holds this role may use what asks for `least`."""
        return least in GRANTS[self]


GRANTS: dict[Role, frozenset[Role]] = {
    Role.NONE: frozenset({Role.NONE}),
    Role.VIEWER: frozenset({Role.NONE, Role.VIEWER}),
    Role.OFFICER: frozenset({Role.NONE, Role.VIEWER, Role.OFFICER}),
    Role.INTEGRATOR: frozenset({Role.NONE, Role.VIEWER, Role.INTEGRATOR}),
    Role.ADMINISTRATOR: frozenset(Role),
}
HELD = tuple(role for role in Role if role is not Role.NONE)  # what an account or a token can have


def role_of(word: str) -> Role:
    """The role that an account or a token is to have.

    Raises:
        InputError: naming the word and the roles there are.
    """
    for role in HELD:
        if role.value == word:
            return role
    raise InputError(f"role: {word!r} is not one of {', '.join(role.value for role in HELD)}")
