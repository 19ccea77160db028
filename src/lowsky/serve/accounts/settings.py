"""Settings of accounts, as they stand in `site.toml` under [accounts]."""

from __future__ import annotations

import msgspec


class AccountSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long logins last, and whether there are any. Times are what people think in: hours and days."""

    folder: str = "accounts"  # of accounts and audit, relative to the file
    on: bool | None = None  # None: on, unless the server is bound to loopback and there is no user yet
    idle_h: float = 12.0  # a session that asks for nothing this long is over; an open map asks
    session_h: float = 168.0  # a session is over after this, whatever it asks
    first_link_h: float = 24.0  # how long the link for the first administrator can be used
    sessions_per_user: int = 20  # the oldest make room

    def __post_init__(self) -> None:
        """Refuse what would never, or always, be over.

        Raises:
            ValueError: naming field and value.
        """
        for name, least, most in (("idle_h", 0.01, 8760), ("session_h", 0.01, 8760), ("first_link_h", 0.01, 720)):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} {getattr(self, name)} is not between {least} and {most}")
        if not 1 <= self.sessions_per_user <= 1000:
            raise ValueError(f"sessions_per_user {self.sessions_per_user} is not between 1 and 1000")
