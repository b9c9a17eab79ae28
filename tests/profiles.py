"""Profiles that are written wrong in one place, and how they are refused."""

import pytest

from geo_service.errors import InvalidProfile
from geo_service.governance.profile import parse_profile


def changed(text: str, old: str, new: str) -> str:
    """Return the text with ``new`` in the first place of ``old``, which makes another one of it."""
    found = text.replace(old, new, 1)
    assert found != text, old
    return found


def refusal_of(text: str) -> InvalidProfile:
    """Return the error that a profile is refused with."""
    with pytest.raises(InvalidProfile) as refused:
        parse_profile(text, file="own.toml")
    return refused.value
