"""A small trading desk around the tickproof kernel."""
