"""What several tests share: the shipped rules, loaded once, a cache apart, and hypothesis without a stop-watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from extractor import EventRecord, Extractor
from extractor.cache import VARIABLE

# How long an example takes says more about the machine than about the code.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Rule folders of tests leave nothing in the cache of the person who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def extract_shipped(own_cache: None) -> Callable[..., list[EventRecord]]:
    """`Extractor.extract` with the shipped rules. A function, for a failing test prints its arguments, and all rules
    are long to print."""
    extractor = Extractor.load()

    def extract(text: str, date: str | None = None, doc_id: str = "text") -> list[EventRecord]:
        return extractor.extract(text, date, doc_id)

    return extract
