"""What several of these tests stand on."""

import pytest

from tests.hooked_houses import hook
from tests.receivers import receiving


@pytest.fixture
def receiver(tmp_path):
    """Return a receiver that listens."""
    with receiving(tmp_path) as receiver:
        yield receiver


@pytest.fixture
def hooked(tmp_path, receiver):
    """Return a house whose events the receiver may be told."""
    hooked = hook(tmp_path, receiver)
    yield hooked
    hooked.house.close()
