"""The fast implementation that refines tickproof.spec."""
