"""Generators of shipped data, run by hand when a source changes; nothing here is imported at run time."""
