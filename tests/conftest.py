"""What several tests share: the shipped rules, loaded once, and hypothesis without a stop-watch."""

from __future__ import annotations

import pytest
from hypothesis import settings

from extractor import Extractor

# How long an example takes says more about the machine than about the code.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def shipped() -> Extractor:
    """The extractor with the shipped rules."""
    return Extractor.load()
