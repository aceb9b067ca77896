"""Predicates by requirement id, for any run of the kernel."""
