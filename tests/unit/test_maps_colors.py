"""Hotspot colors: readable without color, and never the red of party organisations."""

from itertools import pairwise

import pytest

from geo_service.maps.colors import RAMP, ZERO, class_colors, ramp

PARTY_RED = "#c8161d"

# Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE TVCG 15 (2009), severity 1.0.
DEFICIENCIES = {
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


def _linear(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def _lightness(color, matrix):
    """CIE L* of a color as somebody with the deficiency sees it."""
    linear = _linear(color)
    seen = [
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in matrix
    ]
    y = 0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]
    return 116 * y ** (1 / 3) - 16


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("count", [3, 5, 7])
def test_classes_can_be_told_apart_by_lightness_alone(deficiency, count):
    lightness = [_lightness(color, DEFICIENCIES[deficiency]) for color in ramp(count)]
    steps = [a - b for a, b in pairwise(lightness)]
    assert min(steps) > 5


@pytest.mark.parametrize("count", range(1, 13))
def test_no_class_has_the_red_of_party_organisations(count):
    assert PARTY_RED not in ramp(count)


def test_the_ramp_runs_from_its_palest_to_its_darkest():
    assert ramp(7) == RAMP
    assert (ramp(2)[0], ramp(2)[-1]) == (RAMP[0], RAMP[-1])


def test_areas_without_issues_are_nearly_white():
    assert class_colors(("0", "1–4", "5")) == (ZERO, *ramp(2))
    assert class_colors(("0",)) == (ZERO,)


def test_rates_have_no_class_of_zero():
    assert class_colors(("0.5–1.0", "1.0–2.0")) == ramp(2)


def test_without_values_there_is_no_class():
    assert class_colors(()) == ()
