"""How long a start takes: import, rules from the cache or from their files, five dispatches read twice.

    python tests/bench/start.py [--runs 7] [FILE…]

Every run is a process of its own; what is printed is the median and the least of all runs, in milliseconds. The two
caches (filled and empty) take turns, so that a busy machine is busy for both. Without files, five dispatches of some
700 words each are put together from the examples of the shipped rules.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

STAGES = ("import", "rules", "first reading", "second reading", "process")

CHILD = """
import json, sys, time
begin = time.perf_counter()
from extractor import Extractor
imported = time.perf_counter()
extractor = Extractor.load()
loaded = time.perf_counter()
texts = json.load(open(sys.argv[1], encoding="utf-8"))
def read():
    started = time.perf_counter()
    for text in texts:
        extractor.extract(text)
    return time.perf_counter() - started
print(json.dumps([imported - begin, loaded - imported, read(), read()]))
"""


def make_dispatches(number: int = 5, words: int = 700) -> list[str]:
    """Dispatches of example sentences in a fixed random order."""
    from extractor.rules import load_rules
    from extractor.ruleset import shipped_rules_folder

    sentences = sorted({e.text for r in load_rules(shipped_rules_folder()).rules for e in r.examples})
    draw = random.Random(1)
    dispatches = []
    for _ in range(number):
        found: list[str] = []
        while sum(s.count(" ") + 1 for s in found) < words:
            found.append(draw.choice(sentences))
        dispatches.append("\n\n".join(" ".join(found[i : i + 4]) for i in range(0, len(found), 4)))
    return dispatches


def measure(texts: Path, cache: str) -> list[float]:
    """Seconds of every stage in one fresh process."""
    begin = os.times()
    done = subprocess.run([sys.executable, "-c", CHILD, str(texts)], capture_output=True, text=True, check=True,
                          env={**os.environ, "EXTRACTOR_CACHE": cache})
    whole = os.times().elapsed - begin.elapsed
    return [*json.loads(done.stdout), whole]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    texts = [f.read_text(encoding="utf-8") for f in arguments.files] or make_dispatches()
    with tempfile.TemporaryDirectory() as folder:
        given, filled = Path(folder) / "texts.json", str(Path(folder) / "cache")
        given.write_text(json.dumps(texts), encoding="utf-8")
        measure(given, filled)
        rows: dict[str, list[list[float]]] = {"filled cache": [], "no cache": []}
        for _ in range(arguments.runs):
            rows["filled cache"].append(measure(given, filled))
            rows["no cache"].append(measure(given, "off"))
    print(f"{'ms, median (least)':18}" + "".join(f"{stage:>18}" for stage in STAGES))
    for name, runs in rows.items():
        columns = [[1000 * r for r in column] for column in zip(*runs, strict=True)]
        print(f"{name:18}" + "".join(f"{statistics.median(c):>10.0f} ({min(c):.0f})".rjust(18) for c in columns))


if __name__ == "__main__":
    main()
