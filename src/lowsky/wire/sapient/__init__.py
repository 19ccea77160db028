"""SAPIENT (BSI Flex 335 v2.0): sensors, fusion nodes and who listens to them speak one protobuf message.

    framing     a stream of bytes to messages' bytes and back: `Splitter`, `frame`
    messages    the message definitions (the one place that imports them), `decode`, `from_json`, `to_json`
    ids         UUIDs of nodes and ULIDs of everything else: their shapes, and a maker that draws from no clock
    rules       what the standard demands beyond the options of its .proto files, as tables; `Rules`, `HARNESS`
    checks      what one field may hold; `Fault`
    validate    `faults_of(message, rules)`: everything that is wrong with a message, as sentences
    timing      `Timing`: the rules of time that a middleware holds one connection to
    utm         UTM to geodetic and back, convergence of its grid
    positions   places and directions of the standard to degrees, metres above a datum, radians and sigmas
    taxonomy    class trees to kinds of objects, and back
    intake      `Intake(context, options)`: messages that keep the rules to reports, looks and statuses
    telling     `detection_reports(air, ids, taxonomy...)`: the picture to detection reports of a fusion node
    format      `FORMAT`: recordings and streams of framed messages, for `lowsky decode` and sources

Source: the .proto files of BSI Flex 335 v2.0 with their options and comments (Dstl, Crown copyright 2024), and the
verdicts of Dstl's test harness on messages. Connections and what is answered on them are not here.
"""
