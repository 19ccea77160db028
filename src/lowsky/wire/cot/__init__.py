"""Cursor on Target: events of the TAK family, as XML and as TAK protocol version 1, in both directions.

Sources: Cursor on Target base schema, Event 2.0 (MITRE, MTR 090284 and the published `Event.xsd`), and the TAK protocol
description that is published with the TAK clients (`protocol.txt` and its message definitions). Both ends of a
connection are pure here: bytes in, events out, and the other way round; sockets are `lowsky.serve`'s.

    tree        XML to small trees and back, without entities, bounded
    event       one event, and what no event may be
    times       instants as XML and as milliseconds
    xml         events as XML
    schema      the protobuf messages, as a table
    protobuf    events as TAK protocol version 1
    frames      where a frame of it ends
    framing     streams and datagrams cut into messages
    dialogue    pings, own announcements and the negotiation of the protocol on a stream
    decoder     events to friends, reports and places
    shapes      drawn areas to places and back
    objects, bearings, warnings, sensors   the picture to events
"""
