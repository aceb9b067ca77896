"""The simulated venue: matches requests against market events, by rules of its own."""
