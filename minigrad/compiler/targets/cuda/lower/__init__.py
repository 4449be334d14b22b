"""Programs become work: for each instruction and group the kernels and products that do it."""
