"""Settings of the guard, as they stand in `site.toml` under [guard], and the limits nobody has to set."""

from __future__ import annotations

import msgspec


class GuardSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From where and how often the server may be asked. Rates are bounded for each client, or each login where there
    is one; bursts are what a page needs when it opens."""

    hosts: tuple[str, ...] = ()  # names the server is reached by, besides its addresses and localhost
    trusted_proxies: tuple[str, ...] = ()  # addresses and networks whose forwarded headers are believed
    requests_per_s: float = 100.0
    requests_burst: int = 600
    changes_per_s: float = 10.0
    changes_burst: int = 60
    sockets_per_client: int = 128  # live feeds of one login, token or, without login, address
    sockets_per_address: int = 256
    connections_per_address: int = 512
    connections: int = 2_000
    head_timeout_s: float = 10.0  # for all of a request's head
    body_timeout_s: float = 20.0  # for all of a request's body
    stall_timeout_s: float = 60.0  # a client that takes nothing of what is sent this long is dropped

    def __post_init__(self) -> None:
        """Refuse what would let nobody in, or everybody.

        Raises:
            ValueError: naming field and value.
        """
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int | float) and not 0 < value <= 1_000_000:
                raise ValueError(f"{name} {value} is not more than 0 and at most 1,000,000")


MAX_HEAD_BYTES = 32_768  # of request line and headers
MAX_ADDRESS_CHARACTERS = 4_096  # of path and query
MAX_FRAME_BYTES = 4_096  # of one WebSocket message from a browser, which has nothing to say
MAX_FRAMES_PER_S = 50.0  # WebSocket messages from one browser
MAX_FRAMES_BURST = 200
MAX_CLIENTS_KEPT = 20_000  # clients whose rate is remembered
RECHECK_S = 5.0  # an open feed is closed at most this long after its login is over
BACKLOG = 512
KEEP_ALIVE_S = 15
"""How long a connection without a request stays open."""
