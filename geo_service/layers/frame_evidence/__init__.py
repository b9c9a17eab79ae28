"""Evidence on frames: what coordinates say about the frame they are in, beside what is declared.

Outlines are compared with trusted outlines, points with the ground that areas cover. Nothing here
converts or corrects: what is found is a question to whoever brings the coordinates.
"""

from geo_service.layers.frame_evidence.evidence import (
    FrameEvidence,
    FrameFit,
    Silence,
    frame_evidence,
)
from geo_service.layers.frame_evidence.points import (
    FEWEST_CHANGES,
    PlaceSample,
    PointEvidence,
    point_evidence,
)

__all__ = [
    "FEWEST_CHANGES",
    "FrameEvidence",
    "FrameFit",
    "PlaceSample",
    "PointEvidence",
    "Silence",
    "frame_evidence",
    "point_evidence",
]
