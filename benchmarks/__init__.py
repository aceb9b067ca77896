"""Benchmarks: the same work other engines are measured on, one JSON line a run."""
