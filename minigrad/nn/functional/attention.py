"""Attention: a mean of values, weighted by how well queries fit keys."""

from __future__ import annotations

import math
from typing import Any

from minigrad.creation import ones
from minigrad.methods.halves import rounded_once
from minigrad.nn.functional.dropout import dropout
from minigrad.tensor import Tensor

__all__ = ["scaled_dot_product_attention"]


@rounded_once
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(Q Kᵀ · scale + mask) V

    Args:
        query: Q, (..., L, E): what looks.
        key: K, (..., S, E): what it is compared with.
        value: V, (..., S, D): what it gets.
        attn_mask: broadcast to (..., L, S): truth values are True where a query may look, numbers
            are added.
        dropout_p: the probability with which a weight is left out; it always drops, so give 0 in
            evaluation.
        is_causal: let query i look at keys up to i.
        scale: None is 1/√E.
        enable_gqa: let several heads (dimension -3) of Q share one of K and V.

    A query that may look nowhere gets 0, and its gradients are 0.

    Shapes: result (..., L, D).
    Errors: RuntimeError when shapes do not fit, or for a mask together with ``is_causal``.
    Source: Vaswani et al., Attention Is All You Need, 2017, section 3.2.1.
    """
    name = "scaled_dot_product_attention"
    q: Any = query
    k: Any = key
    v: Any = value
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise RuntimeError(f"{name}: expected query, key and value to be at least 2 dimensional")
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise RuntimeError(
            f"{name}: expected query (..., L, E), key (..., S, E) and value (..., S, D), got "
            f"{q.shape}, {k.shape} and {v.shape}"
        )
    if is_causal and attn_mask is not None:
        raise RuntimeError(f"{name}: Explicit attn_mask should not be set when is_causal=True")
    if enable_gqa:
        k = k.repeat_interleave(q.shape[-3] // k.shape[-3], -3)
        v = v.repeat_interleave(q.shape[-3] // v.shape[-3], -3)
    fit = (q * (1 / math.sqrt(max(q.shape[-1], 1)) if scale is None else scale)) @ k.mT
    mask = attn_mask
    if is_causal:
        mask = ones(q.shape[-2], k.shape[-2], device=q.device).tril() > 0
    weights = attended(fit, mask)
    if dropout_p > 0:
        weights = dropout(weights, dropout_p)
    return weights @ v  # type: ignore[no-any-return]


def attended(fit: Any, mask: Any) -> Any:
    """softmax over the keys, as far as the mask lets a query look. One that may look nowhere has
    weights 0 and gradient 0, where softmax would divide 0 by 0."""
    if mask is None:
        return fit.softmax(-1)
    if mask.dtype.kind == "b":
        looks = mask.any(-1, keepdim=True)
        fit = fit.where(mask | ~looks, -math.inf)
    else:
        looks = (mask != -math.inf).any(-1, keepdim=True)
        fit = fit + mask.where(looks, 0.0)
    return fit.softmax(-1).where(looks, 0.0)
