"""GPUs: a program becomes kernels in CUDA C and products, given to the device as a graph."""
