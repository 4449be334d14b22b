"""The table of derivatives: every op's forward and rules, one family a file.

Forwards take the array library first (``xp``) and the destination last (``out``). In rules ``g`` is
the cotangent of the result. Nothing here knows the class Tensor: a rule uses the methods of the
tensors it is given, or calls another op.
"""
