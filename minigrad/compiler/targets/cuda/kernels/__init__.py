"""Kernels in CUDA C: which, on given arrays, with which constants and how many threads."""
