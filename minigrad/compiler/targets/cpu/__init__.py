"""The CPU: kernels in C where a compiler is found, else NumPy."""
