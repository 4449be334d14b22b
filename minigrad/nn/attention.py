"""Attention with several heads."""

from __future__ import annotations

import math
from typing import Any

from minigrad.creation import empty, zeros, zeros_like
from minigrad.functions import cat, where
from minigrad.nn import init
from minigrad.nn.functional.attention import attended, scaled_dot_product_attention
from minigrad.nn.functional.dropout import dropout
from minigrad.nn.functional.linear import linear
from minigrad.nn.linear import NonDynamicallyQuantizableLinear
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    """y = [head₁, ..., headₕ] Wᵒ + bᵒ,  headᵢ = softmax(Qᵢ Kᵢᵀ / √d + mask) Vᵢ, where Q, K and V
    are linear maps of query, key and value, cut into heads of d = embed_dim / num_heads.

    The call takes (query, key, value, ...) and returns the result and the weights, the heads' mean
    (N, L, S), or None where ``need_weights`` is False.

    Shapes: query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim), with ``batch_first`` the
    first two dimensions swapped, without a batch N left out; result like the query.

    Errors: ValueError and AssertionError for sizes that do not fit, as in PyTorch.
    Source: Vaswani et al., Attention Is All You Need, 2017, section 3.2.2.

    Example:
        >>> attention = nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)
        >>> x = minigrad.randn(4, 5, 8)
        >>> y, weights = attention(x, x, x)
        >>> y.shape, weights.shape
        (minigrad.Size([4, 5, 8]), minigrad.Size([4, 5, 5]))
        >>> weights.sum(-1).allclose(minigrad.ones(4, 5))
        True
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            embed_dim: width of query and result.
            num_heads: heads, which have to divide embed_dim.
            dropout: the probability with which a weight is left out in training.
            bias: whether the linear maps have a b.
            add_bias_kv: append a learned key and value to every sequence.
            add_zero_attn: append a key and value of zeros, so that a query may look at nothing.
            kdim, vdim: widths of key and value; None is embed_dim.
            batch_first: whether the batch is the first dimension.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "MultiheadAttention: embed_dim and num_heads must be greater than 0, got "
                f"embed_dim={embed_dim} and num_heads={num_heads}"
            )
        if embed_dim % num_heads:
            raise AssertionError(
                "MultiheadAttention: embed_dim must be divisible by num_heads, got "
                f"{embed_dim} and {num_heads}"
            )
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.head_dim = embed_dim // num_heads
        self.batch_first, self.add_zero_attn = batch_first, add_zero_attn

        def made(*shape: int) -> Parameter:
            return Parameter(empty(shape, device=device, dtype=dtype))

        alike = self.kdim == self.vdim == embed_dim
        self.q_proj_weight = None if alike else made(embed_dim, embed_dim)
        self.k_proj_weight = None if alike else made(embed_dim, self.kdim)
        self.v_proj_weight = None if alike else made(embed_dim, self.vdim)
        self.in_proj_weight = made(3 * embed_dim, embed_dim) if alike else None
        self.in_proj_bias = made(3 * embed_dim) if bias else None
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        self.bias_k = made(1, 1, embed_dim) if add_bias_kv else None
        self.bias_v = made(1, 1, embed_dim) if add_bias_kv else None
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (
            self.in_proj_weight,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
        ):
            if weight is not None:
                init.xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The result, and the weights of the heads' mean (or of each head) where they are needed.

        Args:
            query, key, value: what looks, what it is compared with, and what it gets.
            key_padding_mask: (N, S); True where a key is filling. Numbers are added to the fit.
            need_weights: return the weights as well; without, less memory is used.
            attn_mask: (L, S) or (N · heads, L, S); True where nobody looks. Numbers are added.
            average_attn_weights: return the heads' mean (N, L, S), or those of each (N, heads, L,
                S).
            is_causal: only says that ``attn_mask`` is causal, and needs one.
        """
        if is_causal and attn_mask is None:
            raise RuntimeError(
                "MultiheadAttention: Need attn_mask if specifying the is_causal hint."
            )
        self._check(query, key, value)
        batched = query.ndim == 3
        self_attention = query is key and key is value
        tensors = [query] if self_attention else [query, key, value]
        if not batched:
            tensors = [t.unsqueeze(0) for t in tensors]
        elif not self.batch_first:
            tensors = [t.transpose(0, 1) for t in tensors]
        q, k, v = self._projected(tensors)
        n, length, _ = q.shape
        mask = self._mask(attn_mask, key_padding_mask, n, batched, q)
        if self.bias_k is not None and self.bias_v is not None:
            k = cat([k, self.bias_k.expand(n, 1, self.embed_dim)], 1)
            v = cat([v, self.bias_v.expand(n, 1, self.embed_dim)], 1)
        if self.add_zero_attn:
            k = cat([k, zeros_like(k[:, :1])], 1)
            v = cat([v, zeros_like(v[:, :1])], 1)
        if mask is not None and k.shape[1] > mask.shape[-1]:  # what was added may be looked at
            more = (*mask.shape[:-1], k.shape[1] - mask.shape[-1])
            mask = cat([mask, zeros(more, dtype=mask.dtype, device=mask.device)], -1)
        q, k, v = (
            t.reshape(n, t.shape[1], self.num_heads, self.head_dim).transpose(1, 2)
            for t in (q, k, v)
        )
        p = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            fit = (q / math.sqrt(self.head_dim)) @ k.mT
            weights = dropout(attended(fit, mask), p)
            heads = weights @ v
            if average_attn_weights:
                weights = weights.mean(1)
        else:
            heads = scaled_dot_product_attention(q, k, v, mask, p)
        y = self.out_proj(heads.transpose(1, 2).reshape(n, length, self.embed_dim))
        if not batched:
            return y.squeeze(0), None if weights is None else weights.squeeze(0)
        return y if self.batch_first else y.transpose(0, 1), weights

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
            raise AssertionError(
                "MultiheadAttention: expected query, key and value to be all 2-D or all 3-D, got "
                f"{query.ndim}-D, {key.ndim}-D and {value.ndim}-D"
            )
        widths = (query.shape[-1], key.shape[-1], value.shape[-1])
        expected = (self.embed_dim, self.kdim, self.vdim)
        if widths != expected:
            raise AssertionError(
                f"MultiheadAttention: was expecting embedding dimensions of {expected} for query, "
                f"key and value, but got {widths}"
            )
        if key.shape[:-1] != value.shape[:-1]:
            raise AssertionError(
                "MultiheadAttention: key's sequence and batch dims do not match value's: "
                f"{tuple(key.shape[:-1])} and {tuple(value.shape[:-1])}"
            )

    def _projected(self, tensors: list[Tensor]) -> list[Tensor]:
        """Q, K and V. Of one tensor they are one product."""
        if self.in_proj_weight is not None:
            if len(tensors) == 1:
                joint = linear(tensors[0], self.in_proj_weight, self.in_proj_bias)
                return list(joint.chunk(3, -1))
            weights = list(self.in_proj_weight.chunk(3))
        else:
            tensors = tensors * (3 // len(tensors))
            weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]  # type: ignore[list-item]
        biases: list[Any] = [None] * 3
        if self.in_proj_bias is not None:
            biases = list(self.in_proj_bias.chunk(3))
        return [linear(t, w, b) for t, w, b in zip(tensors, weights, biases, strict=True)]

    def _mask(
        self,
        attn_mask: Tensor | None,
        padding: Tensor | None,
        n: int,
        batched: bool,
        like: Tensor,
    ) -> Tensor | None:
        """Both masks as numbers to be added to (N, heads, L, S)."""
        total = None
        if attn_mask is not None:
            if attn_mask.ndim not in (2, 3):
                raise RuntimeError(
                    "MultiheadAttention: attn_mask's dimension should be 2 or 3, got "
                    f"{attn_mask.ndim}"
                )
            total = _added(attn_mask, like)
            if total.ndim == 3:
                total = total.reshape(n, self.num_heads, *total.shape[1:])
        if padding is not None:
            if padding.ndim != 1 + batched:
                raise AssertionError(
                    "MultiheadAttention: expected key_padding_mask to be "
                    f"{1 + batched}-D, got {padding.ndim}-D"
                )
            keys = _added(padding, like).reshape(n, 1, 1, -1)
            total = keys if total is None else total + keys
        return total


def _added(mask: Tensor, like: Tensor) -> Tensor:
    """A mask of truth values (True where nobody looks) as numbers to be added."""
    if mask.dtype.kind != "b":
        return mask.to(dtype=like.dtype)
    return where(mask, -math.inf, zeros((), dtype=like.dtype, device=like.device))
