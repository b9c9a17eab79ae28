"""How events go out of one running house: the operator's settings."""

from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from geo_service.governance.delivery.retry import RetryRules
from geo_service.governance.delivery.target import Targets

_SHORTEST_LEASE_S = 5
_SENDS_IN_A_LEASE = 4


@dataclass(frozen=True)
class DeliveryRules:
    """Where webhooks may go, how long an answer may take, when what fails is tried again.

    ``source`` is the CloudEvents source: which house an event is from. ``authorities_file`` holds
    certificates of authorities that are trusted beside the system's.
    """

    targets: Targets = field(default_factory=Targets)
    source: str = "urn:geo-service"
    retry: RetryRules = field(default_factory=RetryRules)
    timeout_s: float = 10.0
    authorities_file: Path | None = None

    @property
    def lease_s(self) -> int:
        """How long one process delivers to a receiver before it must say that it still lives."""
        return max(_SHORTEST_LEASE_S, ceil(_SENDS_IN_A_LEASE * self.timeout_s))
