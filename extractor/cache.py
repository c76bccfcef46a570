"""The cache of compiled rules: reading them takes seconds, reading what they were compiled to a fraction of one.

In: a rules folder. Out: the `CompiledSet` that was stored for exactly these files, this engine and this Python, if any
was. A cache file is named by a hash of all three: it is never out of date, may be deleted at any time, and is shared by
all processes of one user. It lies in `$EXTRACTOR_CACHE` (`off` for no cache), else in the user's cache folder.

What cannot be read or written is passed over: without a cache, all works, only later. Only files of the user's own that
nobody else may write are read, for a pickle is a program.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
from pathlib import Path
from typing import Any

from extractor import __version__
from extractor.compiled import CompiledSet, raise_recursion_limit
from extractor.ruleset import read_folder

VARIABLE = "EXTRACTOR_CACHE"
PREFIX, SUFFIX = "rules-", ".pickle"
#: Older rule sets are of no use; a few may be in use side by side.
KEPT = 4


def cache_folder() -> Path | None:
    """Where compiled rules are kept; None when `EXTRACTOR_CACHE` is `off`."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen:
        return None if chosen.lower() == "off" else Path(chosen)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "extractor"


def cache_file(rules: Path) -> Path | None:
    """The file that holds what this folder compiles to, whether or not it exists."""
    folder = cache_folder()
    if folder is None:
        return None
    _, content = read_folder(rules, {})
    key = "\n".join((content, rules.name, _ENGINE, sys.implementation.cache_tag or "", str(sys.hexversion)))
    return folder / f"{PREFIX}{hashlib.sha256(key.encode()).hexdigest()[:32]}{SUFFIX}"


def _engine_stamp() -> str:
    """Names the program that compiles: its version and, for one that is being edited, its files."""
    package = Path(__file__).parent
    files = sorted((*package.rglob("*.py"), *(package / "data").iterdir(), *package.parent.glob("grammar/*.lark"),
                    *package.glob("grammar/*.lark")))
    stamps = (f"{f.name} {f.stat().st_size} {f.stat().st_mtime_ns}" for f in files)
    return "\n".join((__version__, *stamps))


#: Taken when the program is read: what it compiles is that program's, also when its files change while it runs.
_ENGINE = _engine_stamp()


def read_cache(path: Path) -> CompiledSet | None:
    """What is stored in a cache file; None when it is not there, not the user's own, or not whole."""
    try:
        with path.open("rb") as file:
            if not _is_private(os.fstat(file.fileno())):
                return None
            found: Any = pickle.load(file)
    except Exception:
        # Whatever is wrong with the file, the rules themselves are at hand.
        return None
    raise_recursion_limit()
    return found if isinstance(found, CompiledSet) else None


def _is_private(status: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def write_cache(path: Path, compiled: CompiledSet) -> None:
    """Stores compiled rules: whole or not at all, for other processes may be reading."""
    with contextlib.suppress(OSError, pickle.PicklingError, RecursionError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = pickle.dumps(compiled, pickle.HIGHEST_PROTOCOL)
        handle, temporary = tempfile.mkstemp(prefix=PREFIX, suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        _prune(path.parent)


def _prune(folder: Path) -> None:
    files = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"), key=lambda f: f.stat().st_mtime, reverse=True)
    for old in files[KEPT:]:
        old.unlink(missing_ok=True)
