"""Sessions of SAPIENT (BSI Flex 335 v2.0): state machines without socket and clock.

Bytes and the time of their receipt go in, bytes to send and events come out.

    envelope    the messages that a session itself makes, and how any message is stamped
    stamps      the times that detections of one connection may bear
    events      what a session tells its shell
    tasks       the tasks that an edge node is given, and what is answered
    edge        lowsky as a node: registers, says how it is, tells detections and alerts, answers tasks
    describe    how lowsky registers and how it says that it does
    alerts      notices to alerts, each with an acknowledgement
    nodes       the nodes that send to lowsky, each with its books
    fusion      lowsky as fusion node: takes registrations, statuses, detections and alerts of others, and answers
    proposal    the `[[sensors]]` table that a registration suggests

Nothing here moves, points or commands anything: of tasks only those that change what lowsky itself sends are taken.
"""
