"""Readers: recorded market data of every supported format, mapped exactly to event columns."""
