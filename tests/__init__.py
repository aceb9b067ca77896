"""Tests; a package by itself, so that no other ``tests`` can shadow it."""
