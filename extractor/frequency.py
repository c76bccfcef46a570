"""How often ordinary French news uses its most frequent words: what the index calls rare, and what proves nothing."""

from __future__ import annotations

import functools
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "frequent-words.tsv"


@functools.cache
def frequencies() -> dict[str, float]:
    """Occurrences per million tokens of the 400 most frequent folded tokens, counted on 600,000 tokens of news."""
    rows = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {word: float(count) for word, count in rows}
