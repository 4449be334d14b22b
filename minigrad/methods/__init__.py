"""What a tensor can say: the methods of Tensor, one family a file, each standing on the one below.

core → conversion → arithmetic → elementary → comparison → shape → parts → reduction → scan →
indexing → selection → scatter → sorting → linalg → activation → filling → Tensor
"""
