"""Who does the work: a GPU by CuPy, NVRTC and cuBLASLt, or one that is simulated."""
