"""What a tensor can say: the methods of Tensor, one family a file.

`core` is a tensor's state. The families stand side by side on it: none inherits from another, and
what their methods call ``self`` is the whole `Tensor`. `families` lists them.
"""
