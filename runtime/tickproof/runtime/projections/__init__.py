"""What others call our orders, states, answers and reasons: total tables, no I/O."""
