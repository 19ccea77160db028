"""Alerts for who asks: the last ones in memory, as documents and as an Atom feed (RFC 4287) that leads to them.

Each entry names in elements of CAP's own namespace what a reader chooses by (status, msgType, event, urgency, severity,
certainty, expires, areaDesc), so that nobody must open every document.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from xml.sax.saxutils import escape as escape_plain
from xml.sax.saxutils import quoteattr

from lowsky.wire.cap import NAMESPACE, Alert, alert_xml, clean

from .transport import CONFIRMED, Outcome

MOST_ALERTS = 500


class FeedStore:
    """The last alerts by identifier, and the last heartbeat. Nobody confirms: who polls may come or not."""

    to = "/api/cap"

    def __init__(self) -> None:
        self.alerts: OrderedDict[str, Alert] = OrderedDict()
        self.heartbeat: Alert | None = None

    async def send(self, alert: Alert, heartbeat: bool) -> Outcome:
        """Keep an alert."""
        if heartbeat:
            self.heartbeat = alert
        else:
            self.keep([alert])
        return CONFIRMED

    async def close(self) -> None:
        """Nothing is held open."""

    def keep(self, alerts: Iterable[Alert]) -> None:
        """Keep alerts, the newest last."""
        for alert in alerts:
            self.alerts[alert.identifier] = alert
            if len(self.alerts) > MOST_ALERTS:
                self.alerts.popitem(last=False)

    def document(self, identifier: str) -> bytes | None:
        """An alert as XML, None if there is none of that identifier (any more)."""
        if self.heartbeat is not None and identifier == self.heartbeat.identifier:
            return alert_xml(self.heartbeat)
        alert = self.alerts.get(identifier)
        return None if alert is None else alert_xml(alert)

    def atom(self, title: str, address: str) -> bytes:
        """The feed, newest first; `address` is that of the feed, below which the documents are."""
        newest = [*reversed(self.alerts.values())]
        heartbeat = [self.heartbeat] if self.heartbeat is not None else []
        latest = max((a.sent for a in [*newest, *heartbeat]), default="1970-01-01T00:00:00-00:00")
        entries = "".join(_entry(alert, address) for alert in [*heartbeat, *newest])
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cap="{NAMESPACE}">'
            f"<id>{escape(address)}</id><title>{escape(title)}</title><updated>{escape(latest)}</updated>"
            f'<link rel="self" type="application/atom+xml" href={quoteattr(address)}/>{entries}</feed>\n'
        ).encode()


def escape(text: str) -> str:
    """Text as XML may hold it."""
    return escape_plain(clean(text))


def _entry(alert: Alert, address: str) -> str:
    info = alert.info[0] if alert.info else None
    link = f"{address}/{alert.identifier}.xml"
    return (
        f"<entry><id>{escape(link)}</id><title>{escape(info.headline if info else alert.msg_type)}</title>"
        f"<updated>{escape(alert.sent)}</updated><author><name>{escape(alert.sender)}</name></author>"
        f"<category term={quoteattr(alert.status)}/><category term={quoteattr(alert.msg_type)}/>"
        f'<link rel="alternate" type="application/cap+xml" href={quoteattr(link)}/>'
        f"<summary>{escape(info.description or info.headline if info else '')}</summary>{_chosen_by(alert)}</entry>"
    )


def _chosen_by(alert: Alert) -> str:
    texts = [("status", alert.status), ("msgType", alert.msg_type)]
    if alert.info:
        info = alert.info[0]
        texts += [("event", info.event), ("urgency", info.urgency), ("severity", info.severity)]
        texts += [("certainty", info.certainty), ("expires", info.expires)]
        texts += [("areaDesc", area.area_desc) for area in info.area]
    return "".join(f"<cap:{name}>{escape(text)}</cap:{name}>" for name, text in texts if text)
