"""The event journal: what was acknowledged survives a crash, and damage is told by place."""
