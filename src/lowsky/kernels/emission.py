"""Which objects a sensor can notice at all: a probability of each track, joint with its existence.

A bird makes no radio, a glider no sound, a ship is no target of an air radar. For each sense (body, radio, sound) a
track keeps the probability h that this sense can notice it. With existence r and the described detection probability
d, a look sees it with probability r h d; what follows by Bayes' rule from a miss or from a share f of a report is

    miss   r' = r (1 - h d) / (1 - r h d),   h' = h (1 - d) / (1 - h d)
    share  h' = f + (1 - f) h (1 - d) / (1 - h d)

which is exact for the joint distribution of the two while it factors, and tested against it in full. Where nothing is
known yet, h is the share of objects that the sensor's description says it notices. Nothing is ever quite
sure: a drone may fall silent.
"""

from __future__ import annotations

from .borrow import bare
from .cache import jit

BODY, RADIO, SOUND = 0, 1, 2
LEAST = 0.005  # and one that was never noticed may begin
SUREST = 0.9995  # an emission known for sure may still end: four misses in a row make that more likely than not


@bare
def noticeable(t, sensor):
    """Probability that track t, if it exists, is an object that this sensor's sense can notice."""
    if sensor.sense == BODY:
        return t.visible
    h = t.heard[sensor.sense - 1]
    return sensor.share if h < 0.0 else h


@bare
def after_miss(h, detection):
    """Probability of being noticeable after a miss by a look that would have noticed it with this probability."""
    return max(h * (1.0 - detection) / max(1.0 - h * detection, 1e-12), 0.0)


@bare
def learn_noticed(t, sensor, detection, share):
    """Renew what track t is to a sense by a look: `share` of a report was its own, given that it exists.

    detection is that of an object that can be noticed. What bodies are to radars and cameras is not learnt here.
    """
    if sensor.sense == BODY:
        return
    h = after_miss(noticeable(t, sensor), detection)
    t.heard[sensor.sense - 1] = min(max(share + (1.0 - share) * h, LEAST), SUREST)


@jit
def learn_missed(t, sensor, detection):
    """Renew what track t is to any sense by a look that missed it; detection of one that can be noticed."""
    if sensor.sense == BODY:
        if t.visible < 1.0:
            t.visible = after_miss(t.visible, detection)
    else:
        learn_noticed(t, sensor, detection, 0.0)
