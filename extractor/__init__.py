"""A rules-based event extractor for French conflict news.

    >>> from extractor import Extractor
    >>> events = Extractor.load().extract("Douze civils ont été tués lundi à Alep, selon l'OSDH.", date="2019-05-27")
    >>> events[0].type
    'harm.killed'
"""

from __future__ import annotations

__version__ = "0.1.0"

from extractor.diagnostics import Diagnostic, RulesError
from extractor.engine import Extractor
from extractor.record import EventRecord

__all__ = ["Diagnostic", "EventRecord", "Extractor", "RulesError", "__version__"]
