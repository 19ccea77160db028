"""Stone Soup as well as we know how to set it up: filters, gates, association, initiation.

Two setups, with an extended Kalman filter and a nearly constant velocity model in both:

- `gnn`: Mahalanobis gates, global nearest neighbour by 2-D assignment.
- `jpda`: probabilities of association of the scan as a whole (JPDA) by efficient hypothesis management (EHM2, package
  pyehm), with each sensor's own detection probability and density of false plots.

Tracks start from `min_points` plots in a row, from the inverse of the measurement, and are deleted some seconds after
the last. Stone Soup tries every plot with every track in the filter; `Near` hands it only those that a rough gate
leaves, which makes it some times faster and changes no result. It has no interacting models, no existence of tracks, no
registration, no way to use late reports but sorting them, and starts nothing from lines alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

MIDDLING_HEIGHT_M, HEIGHT_SIGMA_M, SPEED_SIGMA_MPS, CLIMB_SIGMA_MPS = 150.0, 120.0, 25.0, 3.0
ROUGH_M, ROUGH_SIGMAS = 60.0, 5.0  # of the rough gate: what is added to so many standard deviations of the position
PROB_GATE = 0.999
FARTHEST_SHARE = 1.05  # of a sensor's reach: tracks beyond are not its business


@dataclass(frozen=True, slots=True)
class Setup:
    """What was tuned, on seed 1."""

    name: str
    acceleration: float  # density of white acceleration, m^2/s^3, horizontal axes: between a straight flier and a turn
    climb: float  # of the vertical axis
    min_points: int  # plots that start a track
    delete_s: float  # after the last plot
    held_s: float  # the same for a track about to start
    gate: float = 4.0  # Mahalanobis distance


SETUPS = {
    "gnn": Setup("gnn", 2.0, 0.5, 5, 2.5, 1.6),
    "jpda": Setup("jpda", 2.0, 0.5, 6, 2.5, 1.6),
}


def tracker(setup: Setup, feed: Any, sensors: dict[str, Any]) -> tuple[Any, Any]:
    """A Stone Soup multi-target tracker over the feed, and its predictor."""
    from stonesoup.deleter.time import UpdateTimeDeleter
    from stonesoup.initiator.simple import MultiMeasurementInitiator
    from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
    from stonesoup.predictor.kalman import ExtendedKalmanPredictor
    from stonesoup.tracker.simple import MultiTargetMixtureTracker, MultiTargetTracker
    from stonesoup.types.state import GaussianState
    from stonesoup.updater.kalman import ExtendedKalmanUpdater

    axes = [ConstantVelocity(q) for q in (setup.acceleration, setup.acceleration, setup.climb)]
    predictor, updater = (
        ExtendedKalmanPredictor(CombinedLinearGaussianTransitionModel(axes)),
        ExtendedKalmanUpdater(None),
    )
    speed2, height2 = SPEED_SIGMA_MPS**2, HEIGHT_SIGMA_M**2
    spread = np.diag([1e6, speed2, 1e6, speed2, height2, CLIMB_SIGMA_MPS**2])
    initiator = MultiMeasurementInitiator(
        GaussianState([0, 0, 0, 0, MIDDLING_HEIGHT_M, 0], spread),
        deleter=UpdateTimeDeleter(timedelta(seconds=setup.held_s)),
        data_associator=associator("gnn", setup, predictor, updater, sensors),
        updater=updater,
        min_points=int(setup.min_points),
    )
    kind = MultiTargetMixtureTracker if setup.name == "jpda" else MultiTargetTracker
    whole = kind(
        initiator=initiator,
        deleter=UpdateTimeDeleter(timedelta(seconds=setup.delete_s)),
        detector=feed,
        data_associator=associator(setup.name, setup, predictor, updater, sensors),
        updater=updater,
    )
    return whole, predictor


def associator(name: str, setup: Setup, predictor: Any, updater: Any, sensors: dict[str, Any]) -> Any:
    """Hypotheses and association of a setup."""
    from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
    from stonesoup.hypothesiser.distance import DistanceHypothesiser
    from stonesoup.hypothesiser.probability import PDAHypothesiser
    from stonesoup.measures import Mahalanobis

    if name == "gnn":
        return GNNWith2DAssignment(Near(DistanceHypothesiser(predictor, updater, Mahalanobis(), setup.gate), sensors))
    from pyehm.plugins.stonesoup import JPDAWithEHM2

    return JPDAWithEHM2(Near(PDAHypothesiser(predictor, updater, 1.0, prob_gate=PROB_GATE), sensors))


class Near:
    """A hypothesiser that hands another one only the plots near a track, and the sensor's figures."""

    def __init__(self, inner: Any, sensors: dict[str, Any]) -> None:
        self.inner, self.sensors = inner, sensors
        self.scan: Any = None
        self.plots: list[Any] = []
        self.place = np.empty((0, 3))
        self.sigma = np.empty(0)
        self.model: Any = None

    def hypothesise(self, track: Any, detections: Any, timestamp: Any, **kwargs: Any) -> Any:
        """As Stone Soup's own."""
        if self.scan is not detections:
            self._take(detections)
        near = self._near(track, timestamp) if self.plots else range(0)
        if hasattr(self.inner, "prob_detect"):
            self._describe(track)
        return self.inner.hypothesise(track, {self.plots[int(j)] for j in near}, timestamp, **kwargs)

    def _take(self, detections: Any) -> None:
        """Places of a scan's plots (n, 3) m, level with the sensor where it measures no elevation, and how sure."""
        self.scan, self.plots = detections, list(detections)
        if not self.plots:
            return
        self.model = self.plots[0].measurement_model
        z = np.array([[float(v) for v in plot.state_vector] for plot in self.plots])
        noise = np.sqrt(np.diag(np.asarray(self.model.covar(), dtype=np.float64)))
        elevation, azimuth, far, error = (z[:, 0], z[:, 1], z[:, 2], noise[:3]) if z.shape[1] == 4 else (
            np.zeros(len(z)), z[:, 0], z[:, 1], np.array([0.0, *noise])
        )  # fmt: skip
        flat = far * np.cos(elevation)
        offset = np.asarray(self.model.translation_offset, dtype=np.float64).ravel()
        self.place = np.column_stack([flat * np.cos(azimuth), flat * np.sin(azimuth)]) + offset[:2]
        self.sigma = far * max(error[0], error[1]) + error[2]

    def _near(self, track: Any, timestamp: Any) -> NDArray[np.int64]:
        """Rows of the plots that may be the track's."""
        state, ahead_s = track.state, (timestamp - track.state.timestamp).total_seconds()
        x = np.asarray(state.state_vector, dtype=np.float64).ravel()
        spread = np.asarray(state.covar, dtype=np.float64)
        sigma = math.sqrt(spread[0, 0] + spread[2, 2]) + ahead_s * math.sqrt(spread[1, 1] + spread[3, 3])
        off = self.place - (x[[0, 2]] + ahead_s * x[[1, 3]])
        reach = ROUGH_M + ROUGH_SIGMAS * (sigma + self.sigma)
        return np.flatnonzero((off * off).sum(axis=1) < reach * reach)

    def _describe(self, track: Any) -> None:
        """Detection probability and density of false plots of the sensor of the scan, as far as it sees the track."""
        sensor = self.sensors[self.model.sensor]
        x = np.asarray(track.state.state_vector, dtype=np.float64).ravel()
        far = math.dist(x[[0, 2, 4]], self.model.stands)
        self.inner.prob_detect = sensor["detection_probability"] if far < sensor["max_range_m"] else 0.05
        self.inner.clutter_spatial_density = false_density(sensor, max(far, 100.0))


def false_density(sensor: dict[str, Any], range_m: float) -> float:
    """False plots a unit of measurement space at a range: uniform over the described area, heights and range rates."""
    density = sensor["false_plots_per_scan"] / (math.pi * sensor["max_range_m"] ** 2) * range_m
    if sensor["kind"] == "radar_3d":
        low, high = sensor["false_height_m"]
        slow, fast = sensor["false_range_rate_mps"]
        density *= range_m / (high - low) / (fast - slow)
    return float(density)
