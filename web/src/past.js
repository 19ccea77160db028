/**
 * The past in the place of the live picture: what was known at a time, from the recording.
 *
 *     const past = followTime({ app, feed });      // watches app.state's `time`
 *     app.now = past.nowMs;                        // live: the server's clock; past: the play-head
 *
 * While `time.mode` is 'past' the feed is held, snapshots of the play-head's time go into the same Picture, and
 * `notices`, `identities` follow it. With `playing` the play-head runs at `speed`, and `time.atMs` with it. It waits
 * for the server: while an answer is under way, time that passes is skipped, never queued.
 *
 * @module
 */
export {};
