"""How long what is private is kept: the table of a profile about it."""

from dataclasses import dataclass

from geo_service.governance.profile_file import Kind

PRIVACY = {
    "retention_days": Kind(
        "0 到 36500 之间的整数（0 为不自动抹除）",
        "a whole number from 0 to 36500 (0: nothing is erased by itself)",
        lambda value: type(value) is int and value in range(36_501),
    )
}
"""The keys of the table."""


@dataclass(frozen=True)
class PrivacyRules:
    """How many days after its closing an issue keeps what is private; 0 is for ever."""

    retention_days: int
