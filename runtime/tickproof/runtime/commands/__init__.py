"""Further commands of the command line, a module each with `add(commands) -> None`."""
