"""How many examples a test looks at that needs fewer, or more, than the hundred of CI."""

from hypothesis import settings

_OF_CI = 100
_FEWEST = 5
_MORE_AT_NIGHT = 4
"""So many times as many: a test has a limit of time, and such examples often open a house each."""


def examples(count: int) -> int:
    """Return so many where CI looks at 100: more at night, a third on the second database."""
    wanted = settings.default.max_examples * count // _OF_CI
    return min(max(_FEWEST, wanted), _MORE_AT_NIGHT * count)
