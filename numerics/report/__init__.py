"""Faces of a verdict: a table for a terminal, JSON for a script, LaTeX for a paper."""
