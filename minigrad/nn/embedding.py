"""Words as vectors: a table of rows that are learned."""

from __future__ import annotations

from typing import Any, Self

from minigrad.autograd import no_grad
from minigrad.creation import empty
from minigrad.nn import init
from minigrad.nn.functional.arguments import switch, whole
from minigrad.nn.functional.embedding import embedding
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = ["Embedding"]


class Embedding(Module):
    """y = W[x]: row x of a table. The row ``padding_idx`` starts at zero and is not trained; rows
    longer than ``max_norm`` are shortened when they are used.

    Shapes: input any, of integers, result (*input, embedding_dim); weight (num_embeddings,
    embedding_dim), which starts N(0, 1).
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
        """A layer around a table that exists, by default not trained further."""
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
