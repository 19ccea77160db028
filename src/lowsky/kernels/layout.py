"""Layout of the tracker's memory: record arrays that kernels take as arguments.

Everything the tracker knows is in these arrays: plain, pre-allocated, saved and restored as they are. A row of a table
is one record, so a kernel that works on one track gets a pointer to it and sees its neighbours' cache lines least.
No kernel allocates what must live on. `World` only groups the tables, so that they travel together.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Table = Any  # a numpy record array, or one record of it

MODELS = 3  # motion models of a track
PARTS = 6  # components of a measurement: range, azimuth, elevation, range rate; or position and velocity
MEMBERS = 6  # tracks that one report may be of at most
DIRECTIONS = 4  # on the ground, along which a track may be two
HELD = 8  # public numbers that a group keeps for members that may come out
RECENT = 8  # how many sensors' last participation a track remembers (to tell a missed look from a seen one)
STEP_SLOTS = 64  # time steps whose step tables are kept
AZIMUTH_BINS = 256
LADDER = 17  # rungs of odds on which false tracks are counted
RINGS, SECTORS = 12, 36  # cells of range and azimuth in which a radar's background is learnt
LEARNT = 3  # parts whose accuracy is learnt: range, azimuth, elevation
HORIZON_BINS = 72  # of azimuth: 5 degrees each
STEP_COLUMNS = 12  # see kernels.motion
ERRORS = 7  # lasting errors of a sensor: see kernels.registration.errors
LINKS = 12  # sensors that a sensor is compared with at most
SIGHTS = 64  # reports of sure tracks that a sensor keeps to be compared
PAIRS = 192  # pairs of such that a sensor keeps
COURSE = 128  # notes of a sensor's estimates
NEVER_NS = -(2**63)
FAR_NS = 2**63 - 1


def _record(*fields: Any) -> np.dtype[np.void]:
    return np.dtype(list(fields), align=True)


SENSOR = _record(
    ("kind", "i1"),  # SensorKind
    ("all_round", "u1"),  # 1 if the field of view is the whole sphere and nothing stands in it
    ("masked", "u1"),  # 1 if there is a horizon
    ("place_m", "f8", (3,)),  # in the region frame, as corrected
    ("stated_m", "f8", (3,)),  # the same as described
    ("rotation", "f8", (3, 3)),  # region axes to the sensor's own east-north-up
    ("reach_m", "f8", (2,)),  # least and greatest range
    ("view_rad", "f8", (4,)),  # azimuth centre, azimuth width, least and greatest elevation
    ("horizon_rad", "f8", (HORIZON_BINS,)),  # least elevation seen, in bins of azimuth clockwise from north
    ("detection", "f8"),  # detection probability within reach and view
    ("sense", "i1"),  # what of an object it notices: 0 its body, 1 its radio, 2 its sound (kernels.emission)
    ("share", "f8"),  # probability that an object of which nothing is known can be noticed by it at all
    ("period_s", "f8"),  # time between looks
    ("sound_mps", "f8"),  # speed of sound there
    ("false_plots", "f8"),  # expected false plots a look
    ("false_box", "f8", (4,)),  # their heights from, to m; their range rates from, to m/s
    ("sigma", "f8", (4,)),  # range m, azimuth rad, elevation rad, range rate m/s
    ("sigma_declared", "f8", (3,)),  # position (horizontal, one axis) m, height m, velocity m/s
    ("resolution", "f8", (3,)),  # range m, azimuth rad, range rate m/s; 0: not stated
)
"""What the tracker knows of a sensor. Constant while the site's description does not change, but for the horizon and
the place in force."""

TRACK = _record(
    ("used", "u1"),
    ("models", "i1"),  # 1 until the second report, then MODELS
    ("confirmed", "u1"),
    ("recent_at", "i1"),  # next of the recent sensors to overwrite
    ("centre", "f8", (6,)),  # combined state at `state_ns`
    ("spread", "f8", (3,)),  # traces of the combined covariance: position, cross, velocity
    ("existence", "f8"),  # probability at `existence_ns`
    ("state_ns", "i8"),  # time of x, p, mu
    ("existence_ns", "i8"),
    ("birth_ns", "i8"),
    ("hit_ns", "i8"),  # last report
    ("recent_sensor", "i4", (RECENT,)),  # -1 none
    ("recent_ns", "i8", (RECENT,)),
    ("recent_error", "f8", (RECENT, 2)),  # of a camera's bearings as learnt on this track: across and in elevation, rad
    ("misses", "i4"),  # looks missed since the last report
    ("identity", "i4"),  # -1 none
    ("hits", "f8"),  # expected number of its reports
    ("echo", "f8", (3,)),  # radar cross section: weight of the reports in it, mean dBsm, mean square deviation dB^2
    ("misfit", "f8"),  # running mean of squared innovation per part, less one
    ("visible", "f8"),  # probability that it can be seen at all by sensors that do not depend on what it declares
    ("heard", "f8", (2,)),  # probabilities that it can be noticed by its radio, its sound; -1: nothing known yet
    ("backed", "u1"),  # 2: placed by others than posts; else reports of other posts than the first, at most 2
    ("backer", "i4"),  # sensor of its first report
    ("supports", "i4", (2,)),  # first two sensors of its lines, -1 none
    ("third", "u1"),  # 1: it had a report of a third one, or one that is more than a line
    ("held", "i1"),  # sense of the sensor of its last report
    ("dispute", "f8"),  # how far only tentative tracks disputed its lines of late: 0 not at all
    ("rough_m", "f8"),  # horizontal standard deviation after the last report, if that was a post's; else 0
    ("birth_existence", "f8"),  # probability at birth
    ("best", "f8"),  # greatest odds that it exists, since its second report
    ("shown_odds", "f8"),  # odds that sufficed to show it
    ("birth_share", "f8"),  # share of it due to objects that appeared, not to those there at the start; 0 once counted
    ("number", "i8"),  # public number, 0: none yet
    ("uid", "i8"),  # in order of birth
    ("birth", "i8"),  # serial of its first report
    ("members", "i4"),  # objects that it stands for
    ("parent", "i4"),  # row of the track that it began beside
    ("parent_uid", "i8"),  # and its uid, 0: none
    ("beside_uid", "i8"),  # of the neighbour that it is compared with, or that a sensor did not resolve, 0: none
    ("beside_row", "i4"),  # row of the one that it is compared with
    ("beside", "f8"),  # logarithm of the odds that they are two
    ("apart", "u1"),  # 1 if they were surely two
    ("inside", "i8", (HELD,)),  # public numbers of objects that it swallowed, 0: none
    ("extent_m2", "f8"),  # variance of its members' places along one axis
    ("trial_uid", "i8"),  # of the track with which it is on trial as two, 0: none
    ("trial", "i4"),  # and its row
    ("trial_odds", "f8"),  # logarithm of the odds that they are two
    ("tries", "i4"),  # trials that failed
    ("split_score", "f8", (DIRECTIONS,)),  # how much wider its reports lie than one object's: see kernels.splits ...
    ("split_weight", "f8", (DIRECTIONS,)),  # ... and the variance of that
    ("mu", "f8", (MODELS,)),  # model probabilities
    ("x", "f8", (MODELS, 6)),
    ("p", "f8", (MODELS, 6, 6)),
)
"""One track (Bernoulli component), used or free."""

SPOT = _record(
    ("cell", "i4", (2,)),  # coarse cell
    ("after", "i4"),  # next track of the same bucket, -1 none
    ("before", "i4"),
)
"""Where a track is filed. Apart from the tracks, so that the lists of many fit into the processor's cache."""

CELL = _record(("density", "f8"), ("appeared", "f8"), ("time_ns", "i8"))
"""Expected undetected objects a m^2 at time_ns (NEVER_NS: never looked at); the part that appeared since the start.

The ground has three layers: what sensors that place an object alone have looked at, that and what cameras have, that
and what posts have: a pair of cameras finds little that is new where cameras have looked for long, but that says
nothing to a radar."""
PLACED, SIGHTED, HEARD = 0, 1, 2
LAYERS = 3

QUEUE = _record(
    ("look_ns", "i8"),
    ("worked_ns", "i8"),
    ("clock_ns", "i8"),
    ("frame_ns", "i8"),  # its last frame settled, valid
    ("looked_ns", "i8"),  # and its last look finished, valid; both of directions only
    ("loose", "f8"),  # running mean of its reports a look that belong to no track; of directions only
)
"""How far a sensor's looks and reports have been worked, as it stamps them, and by which correction of its clock; and
what its last looks gave."""

LIST = _record(("head", "i4"), ("next", "i4"), ("tail", "i4"), ("oldest_ns", "i8"))
"""A sensor's reports, or its looks, in the pool by time: the first kept, the first that waits and when it has its turn
(-1 and FAR_NS: none), the last."""

REPORT = _record(
    ("time_ns", "i8"),
    ("received_ns", "i8"),
    ("raw", "i8"),
    ("sensor", "i4"),
    ("identity", "i4"),
    ("parts", "i4"),  # bit mask of the values that are there
    ("touched", "u1"),  # 1 if `stated` holds what the sensor said
    ("counted", "u1"),  # 1: it is among the used or the duplicates
    ("serial", "i8"),  # running number of what was put into the pool
    ("values", "f8", (PARTS,)),
    ("variance", "f8", (PARTS,)),
    ("told", "f8", (LEARNT,)),  # variances of a polar report as stated; `variance` is what they are taken for
    ("stated", "f8", (3,)),  # values of a polar report as stated, if they are corrected
    ("rcs_dbsm", "f8"),  # NaN unknown
    ("odds", "f8"),  # of a post: likelihood ratio that its own confidence stands for; 1: none said
)
"""A report in measurement form, in an input or in the pool; there also a look, of which only time and sensor count."""

TURN = _record(("time_ns", "i8"), ("after", "i4"), ("before", "i4"))
"""Where a row of the pool stands in its list: its time, and the next and the last of the list, -1 none. Apart from the
reports, so that whoever goes along a list need not touch them."""

SCORE = _record(
    ("promised", "f8"),  # looks at sure tracks, each with the detection probability promised
    ("found", "f8"),  # those that gave a report
    ("looked", "f8"),  # those looks
    ("innovation", "f8"),  # sum of squared innovations of sure pairs, whitened
    ("parts", "f8"),  # and of how many values they were
    ("looks", "f8"),  # looks finished; these and the following are kernels.background's and fade at fixed times
    ("plots", "f8"),  # plots that were nobody's
    ("chances", "f8"),  # looks at sure tracks, each with the detection probability described ...
    ("seen", "f8"),  # ... and those that gave a report
    ("spread", "f8", (LEARNT,)),  # of each part: weighted squares of innovations less what the track explains ...
    ("weight", "f8", (LEARNT,)),  # ... and the weights
    ("false_scale", "f8"),  # learnt: false plots, over the described ones
    ("seen_scale", "f8"),  # detection probability, over the described one
    ("variance_scale", "f8", (LEARNT,)),  # variance of each part, over the described one
)
"""How a sensor does against what it promises, fading with time."""

GROUND = _record(
    ("plots", "f4"),  # plots in it that were nobody's
    ("chances", "f4"),  # looks at sure tracks in it
    ("seen", "f4"),
    ("false_scale", "f4"),  # learnt, as of a sensor
    ("seen_scale", "f4"),
)
"""A cell of range and azimuth of a radar, and what was learnt of it (kernels.background)."""

CORRECTION = _record(
    ("in_force", "u1"),  # 1 if `force` is applied to what the sensor reports
    ("aside", "u1"),  # 1 if its reports are not used
    ("known", "u1"),  # 1 if there was anything to estimate from
    ("wide", "u1"),  # wide searches in a row that found nothing better
    ("clock_ns", "i8"),  # how much its clock is ahead, as applied
    ("force", "f8", (ERRORS,)),  # the errors applied
    ("doubt", "f8", (ERRORS, ERRORS)),  # their covariance
    ("estimate", "f8", (ERRORS,)),  # the newest estimate, in force or not
    ("sigma", "f8", (ERRORS,)),  # its standard deviations, of what cannot be observed those of a sensor set up by hand
    ("score", "f8", (ERRORS,)),  # fading sums of what recent pairs say against the estimate ...
    ("weight", "f8", (ERRORS, ERRORS)),  # ... and of their information
    ("search_ns", "i8"),  # last wide search
    ("aside_ns", "i8"),  # set aside until, or on trial since
    ("asides", "i4"),  # times it was set aside in a row
    ("offered", "i4"),  # sights offered since the last renewal
    ("kept", "f8"),  # share of the ground from which sights are kept
    ("next_sight", "i4"),
    ("next_pair", "i4"),
    ("next_note", "i4"),
    ("notes", "i4"),
    ("noted_ns", "i8"),
)
"""What is known of a sensor's lasting errors, and what is in force."""

SIGHT = _record(
    ("time_ns", "i8"),  # of validity as stated, NEVER_NS: none
    ("uid", "i8"),  # of the track that surely made it
    ("identity", "i4"),
    ("parts", "i4"),  # bits: range, azimuth, elevation; 8: a declared place
    ("polar", "f8", (3,)),  # range, azimuth, elevation as stated; a missing elevation from the track's height
    ("variance", "f8", (3,)),
    ("place", "f8", (3,)),  # of what is declared; else of the track
    ("velocity", "f8", (3,)),
    ("velocity_variance", "f8"),  # of one axis
)
"""A report that surely belongs to a track, kept to be compared with those of other sensors."""

PAIR = _record(
    ("first", "u1"),  # 1 if it is the first of those of one report and one other sensor
    ("sensor", "i4", (2,)),
    ("side", SIGHT, (2,)),
)
"""Two reports of two sensors that may be of one object."""

LINK = _record(
    ("other", "i4"),  # the other sensor
    ("used", "u1"),
    ("names", "i8"),  # bits of the identities met
    ("own", "f8", (ERRORS, ERRORS)),  # information on this sensor's errors, fading
    ("cross", "f8", (ERRORS, ERRORS)),  # with the other's: rows this sensor's
    ("right", "f8", (ERRORS,)),  # right side of the normal equations
    ("pairs", "f8"),  # fading weight of the pairs
    ("misfit", "f8"),  # and of their squared distance
    ("agreed", "f8"),  # fading count of sights that agree with one of the other sensor ...
    ("tried", "f8"),  # ... and of those that have one near
)
"""What the pairs of two sensors say, as seen from one of them: a part of the normal equations."""

NOTE = _record(
    ("time_ns", "i8"),
    ("event", "i4"),
    ("estimate", "f4", (ERRORS,)),
    ("sigma", "f4", (ERRORS,)),
)
"""One point of the history of a sensor's errors."""

LINE = _record(("time_ns", "i8"), ("sensor", "i4"), ("weight", "f8"), ("angles", "f8", (2,)), ("variance", "f8", (2,)))
"""A recent line of sight and the probability that it belongs to no track; from these cameras start one."""

CLUE = _record(
    ("time_ns", "i8"),
    ("serial", "i8"),  # of its report
    ("sensor", "i4"),
    ("parts", "i4"),
    ("weight", "f8"),
    ("angles", "f8", (2,)),
    ("variance", "f8", (2,)),
)
"""A recent direction of any sensor and the probability that it belongs to no track: see kernels.crossings."""

CANDIDATE = _record(
    ("track", "i4"),
    ("first", "i4"),  # its edges are first : last
    ("last", "i4"),
    ("models", "i4"),
    ("existence", "f8"),  # predicted
    ("detection", "f8"),
    ("promised", "f8"),  # detection probability by the sensor's description
    ("cell", "i4"),  # of the sensor's background
    ("taken", "f8"),  # sum of its association probabilities
    ("best", "i4"),  # its most probable edge
    ("after", "f8"),  # existence after the frame
    ("undo", "i4"),  # row of the undo store that is to hold its track as it was before, -1 if one does or none need
    ("missed", "f8"),  # weight of having made none of its candidate reports
    ("mu", "f8", (MODELS,)),
    ("x", "f8", (MODELS, 6)),  # predicted
    ("p", "f8", (MODELS, 6, 6)),
    ("z", "f8", (MODELS, PARTS)),  # predicted measurement
    ("hp", "f8", (MODELS, PARTS, 6)),  # H P
    ("s", "f8", (MODELS, PARTS, PARTS)),  # H P H'
    ("z_mean", "f8", (PARTS,)),  # over all models, for sensors of limited resolution
    ("s_mean", "f8", (PARTS, PARTS)),  # lower triangle
    ("partner", "i4"),  # nearest candidate by the sensor's resolution, -1 none
    ("partner_at", "f8"),  # its squared distance in units of the resolution
)
"""A track that gates reports of the frame at hand."""

EDGE = _record(
    ("plot", "i4"),
    ("like", "f8", (MODELS,)),  # likelihood under each model over the plot's density of being something else
    ("weight", "f8"),  # of the association problem
    ("back", "f8"),  # message from plot to track
    ("share", "f8"),  # of the track in the report: 1, or one over the number of objects it is of
    ("n", "i4"),  # number of parts compared
    ("part", "i1", (PARTS,)),  # which
    ("nu", "f8", (MODELS, PARTS)),  # whitened innovation under each model
    ("l", "f8", (MODELS, PARTS, PARTS)),  # Cholesky factor of its covariance
    ("beta", "f8"),  # association probability
)
"""A pair of a candidate track and a plot that it gates."""

JOINT = _record(
    ("plot", "i4"),
    ("n", "i4"),  # members
    ("member", "i4", (MEMBERS,)),  # candidates
    ("edge", "i4", (MEMBERS,)),  # each one's own edge to the plot
    ("together", "f8"),  # probability that the sensor does not resolve them
    ("weight", "f8"),  # likelihood times that, over the plot's density of being something else
    ("back", "f8", (MEMBERS,)),  # message to each member
)
"""A set of candidates that a plot may be of together."""

PLOT = _record(
    ("report", "i4"),  # row in the pool
    ("tracks", "i4"),  # how many candidates gate it; later, 1 + the candidate that is its first strong holder
    ("azimuth", "f8"),  # ascending
    ("distance", "f8"),  # range m, 0 if it has none
    ("cell", "i4"),  # of the sensor's background, if it is a radar
    ("density", "f8"),  # of false reports and new objects in measurement space
    ("new", "f8"),  # share of that density that is new objects
    ("appeared", "f8"),  # share of the new that appeared since the start
    ("alone", "f8"),  # probability that it belongs to no track
    ("beside", "i4"),  # candidate that it most likely flies beside, if of one of them
    ("hidden", "f8"),  # density of objects that a radar could not resolve from tracks so far, over `density`
    ("claims", "f8", (2,)),  # of a direction: weight of the tentative tracks that may have made it, of the others
)
"""A report of the frame at hand, in canonical order."""

NUMBER = _record(
    ("number", "i8"),
    ("birth", "i8"),  # serial of the first report of the track that has it
    ("given_ns", "i8"),
    ("shown_ns", "i8"),  # last tick at which it was shown
    ("order", "i8"),  # of this place, the row of the table when sorted by birth
    ("held", "u1"),  # 1: a track has it
    ("lost", "u1"),  # 1: shown until the last rebuild, and no track has it since
    ("state", "f8", (6,)),  # when it was last shown
)
"""A public number that was given lately: a rebuild finds it again."""

WORK = _record(
    ("step_dt", "f8", (STEP_SLOTS,)),  # time step of each slot, NaN: empty
    ("steps", "f8", (STEP_SLOTS, MODELS, STEP_COLUMNS)),
    ("switching", "f8", (STEP_SLOTS, MODELS, MODELS)),
    ("mixed_x", "f8", (MODELS, 6)),
    ("mixed_p", "f8", (MODELS, 6, 6)),
    ("small", "f8", (8, 6, 6)),
    ("vector", "f8", (8, 6)),
    ("step_space", "f8", (ERRORS, ERRORS)),
    ("step_vector", "f8", (ERRORS,)),
    ("who", "i8"),  # whose it is: 0 of the thread that works the events, else of a helper (kernels.crew)
)
"""Work space of one thread; step tables are a cache, nothing else outlives a frame."""

FRAME = _record(
    ("sensor", "i8"),  # its row
    ("time_ns", "i8"),  # of validity
    ("before_ns", "i8"),  # of a look: when that before it was
    ("final", "u1"),  # 1: worked for good
    ("box", "f8", (4,)),  # ground covered: east from, north from, east to, north to
    ("sigma_azimuth", "f8"),  # largest of the reports
    ("sigma_range", "f8"),
    ("bins", "i4", (AZIMUTH_BINS + 1,)),  # first plot of each bin of azimuth
    ("plots", "i4"),  # how many rows are in use, of `plots` ...
    ("candidates", "i4"),  # ... `candidates`
    ("edges", "i4"),  # ... `edges`; among them such as are of no candidate
    ("joints", "i4"),  # ... and `joints`
)
"""The frame at hand, or the look, or the picture."""

MEETING = _record(
    ("first", "i4"),  # first plot of the track's wedge
    ("count", "i4"),  # and number of plots, 0 if none is in range
    ("place", "f8", (4,)),  # range m, azimuth, elevation rad of where the track is, roughly; the last is work space
    ("spread_m", "f8"),  # how uncertain that is
    ("reach_m", "f8"),  # how far from there in range it is looked for
    ("promised", "f8"),  # of a look: probability that it sees the track, below 0 if that is not asked
)
"""A track near the frame or look at hand: the plots that it may have made, or how likely it is to be seen."""

TRACE = _record(
    ("time_ns", "i8"),
    ("uid", "i8"),
    ("number", "i8"),
    ("raw", "i8"),
    ("sensor", "i4"),
    ("beta", "f8"),
    ("before", "f8"),
    ("after", "f8"),
    ("log10_ratio", "f8"),
)
"""What a report did to a track, for `lowsky explain`."""

ROW = _record(
    ("time_ns", "i8"),
    ("number", "i8"),
    ("first_ns", "i8"),
    ("last_ns", "i8"),
    ("identity", "i4"),
    ("status", "i4"),
    ("existence", "f8"),
    ("hits", "f8"),
    ("group_n", "i4"),
    ("rcs_dbsm", "f8"),
    ("mu", "f8", (MODELS,)),
    ("state", "f8", (6,)),
    ("covariance", "f8", (6, 6)),
)
"""A row of the picture at a tick."""

RULES = _record(
    ("models", "f8", (MODELS, 5)),  # columns of kernels.motion
    ("rates", "f8", (MODELS, MODELS)),  # 1/s
    ("start_mu", "f8", (MODELS,)),
    ("origin_height_m", "f8"),
    ("lag_ns", "i8"),
    ("frame_ns", "i8"),
    ("line_age_ns", "i8"),
    ("future_ns", "i8"),
    ("window_ns", "i8"),
    ("idle_ns", "i8"),
    *(
        (name, "f8")
        for name in (
            "gate gate_sigma life_s false_tracks_per_hour sure confirm_reports hide drop drop_share start_density_m2 "
            "appear_prior "
            "appear_prior_s appear_memory_s appear_floor_per_s speed_slow_mps speed_fast_mps speed_up_mps "
            "height_mean_m height_sigma_m "
            "sharpness companions companion_speed_mps one_evidence two_evidence "
            "hide_sigma_m end_sigma_m cell_m join_gate join_existence birth_alone foreign_identity"
        ).split()
    ),
)
"""The settings as kernels read them (see tracking.settings for what they mean)."""

TALLY = _record(
    *(
        (name, "i8")
        for name in (
            # the state of the clock and of the stacks
            "settled_ns front_ns oldest_ns sweep_ns snapshot_ns label_ns appeared_ns tracks tracks_free highest "
            "next_uid next_line next_clue cells_looked looks frames joined ended "
            "renew_ns renewals steps "
            # what was received and given since the start, whatever is worked again (tracking.memory.RECEIVED)
            "now_ns broken_ns dense_ns horizon_ns behind waiting waiting_free received next_number numbered sorted "
            "shown_ns used late duplicate incomplete aside late_looks previewing saved rows traced"
        ).split()
    ),
    ("births", "f8"),  # sum of existence of new tracks, fading
    ("passed", "f8", (LADDER,)),  # expected false tracks that passed each rung of odds, fading; see kernels.confirm
    ("counted_s", "f8"),  # in this time, fading
    ("confirm_odds", "f8"),  # odds at which a track is shown, renewed at confirm_ns
    ("confirm_ns", "i8"),
    ("learnt_ns", "i8"),  # last renewal of what is learnt of radars
    ("appeared", "f8"),  # objects that appeared, fading
)
"""Counters, and the little else that is one number."""


class World(NamedTuple):
    """All tables of one tracker; `rules`, `tally`, `work` and `frame` are single records."""

    rules: Table
    sensors: Table  # (S,)
    tracks: Table  # (T,)
    spots: Table  # (T,) SPOT
    free: Table  # (T,) int32 stack of free track rows
    head: Table  # (buckets,) int32 first track of each bucket of cells, -1 none
    ground: Table  # (LAYERS, cells, cells) CELL
    queues: Table  # (S,)
    lists: Table  # (S, 2) LIST: of reports, of looks
    pool: Table  # (R,) REPORT
    turns: Table  # (R,) TURN
    pool_free: Table  # (R,) int32 stack
    numbers: Table  # (N,) NUMBER, ascending
    lines: Table  # (N,) ring
    clues: Table  # (N,) ring
    scores: Table  # (S,)
    background: Table  # (S, RINGS * SECTORS)
    corrections: Table  # (S,)
    sights: Table  # (S, SIGHTS) rings
    pairs: Table  # (S, PAIRS) rings
    links: Table  # (S, LINKS)
    course: Table  # (S, COURSE) rings of NOTE
    tally: Table
    # work space and results
    work: Table
    frame: Table
    crew: Table  # int64: see kernels.crew
    near: Table  # (T,) int32 rows of the tracks near the frame at hand
    meetings: Table  # (T,) of the same
    picked: Table  # (F,) int32 rows of the frame being picked
    plots: Table  # (F,)
    candidates: Table  # (K,)
    edges: Table  # (E,)
    joints: Table  # (J,)
    undo: Table  # (T,) TRACK
    undo_of: Table  # (T,) int32 track of each undo row
    saved: Table  # (T,) uint8 is the track in the undo store?
    trace: Table  # (Q,)
    rows: Table  # (N,)
