"""Words as vectors: a table of rows that are learned."""

from __future__ import annotations

from typing import Any, Self

from minigrad.arguments import switch, whole
from minigrad.autograd import no_grad
from minigrad.creation import empty
from minigrad.nn import init
from minigrad.nn.functional.embedding import embedding
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = ["Embedding"]


class Embedding(Module):
    """y = W[x]: row x of a table. A word's number becomes the vector that is learned for it.

    Only the rows that were read get a gradient; a row read twice gets the sum of both. The row
    ``padding_idx`` starts at zero and is not trained.

    Shapes: input (*), of integers in [0, num_embeddings), result (*, embedding_dim); weight
    (num_embeddings, embedding_dim), which starts N(0, 1).

    Errors: IndexError for a number that the table does not have, ValueError for such a
    ``padding_idx``, NotImplementedError for ``sparse``.

    Example:
        >>> words = nn.Embedding(5, 3)
        >>> words(minigrad.tensor([[1, 4], [1, 0]])).shape
        minigrad.Size([2, 2, 3])
        >>> words(minigrad.tensor([1, 1])).sum().backward()
        >>> words.weight.grad[:2]
        tensor([[0., 0., 0.],
                [2., 2., 2.]])
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            num_embeddings: rows of the table, the number of different words.
            embedding_dim: how long a word's vector is.
            padding_idx: the row that stands for no word; negative ones count from the end.
            max_norm: rows that are read and longer than this are first shortened to it, in place.
            norm_type: the p of the norm ‖row‖ₚ that ``max_norm`` is about.
            scale_grad_by_freq: divide a row's gradient by how often the batch reads it.
            sparse: only False; there are no sparse gradients here.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__()
        num_embeddings = whole("Embedding", "num_embeddings", num_embeddings)
        embedding_dim = whole("Embedding", "embedding_dim", embedding_dim)
        scale_grad_by_freq = switch("Embedding", "scale_grad_by_freq", scale_grad_by_freq)
        if switch("Embedding", "sparse", sparse):
            raise NotImplementedError(
                "Embedding: there are no sparse gradients; leave sparse=False"
            )
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        if padding_idx is not None:
            padding_idx = whole("Embedding", "padding_idx", padding_idx)
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(
                    "Embedding: Padding_idx must be within num_embeddings: got "
                    f"{padding_idx} for {num_embeddings} rows"
                )
            padding_idx %= num_embeddings
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx, self.max_norm, self.norm_type = padding_idx, max_norm, norm_type
        self.weight = Parameter(empty(num_embeddings, embedding_dim, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again from random numbers."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer around a table that exists, by default not trained further.

        Args:
            embeddings: the table (num_embeddings, embedding_dim); it is shared, not copied.
            freeze: whether it stays as it is; False trains it.
            padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse: as for `Embedding`; the
                row ``padding_idx`` keeps its numbers.

        Errors: ValueError for what is no matrix.
        """
        if embeddings.ndim != 2:
            raise ValueError(
                "Embedding: Embeddings parameter is expected to be 2-dimensional, got shape "
                f"{tuple(embeddings.shape)}"
            )
        options = padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse
        layer = cls(embeddings.shape[0], embeddings.shape[1], *options)
        layer.weight = Parameter(embeddings, requires_grad=not freeze)
        return layer

    def forward(self, input: Tensor) -> Tensor:
        return embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
        )

    def extra_repr(self) -> str:
        shown = [f"{self.num_embeddings}, {self.embedding_dim}"]
        if self.padding_idx is not None:
            shown.append(f"padding_idx={self.padding_idx}")
        if self.max_norm is not None:
            shown.append(f"max_norm={self.max_norm}")
        if self.norm_type != 2:
            shown.append(f"norm_type={self.norm_type}")
        if self.scale_grad_by_freq:
            shown.append("scale_grad_by_freq=True")
        return ", ".join(shown)
