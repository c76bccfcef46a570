"""`python -m extractor` is the same as `extractor`."""

from __future__ import annotations

from extractor.cli import run

if __name__ == "__main__":
    run()
