"""Values and derivatives at the edges of every elementwise op, against mpmath and PyTorch.

``python -m tests.edges`` prints the table; see its ``--help``.
"""
