"""Passes: a program goes in, one that gives the same numbers with less work comes out."""
