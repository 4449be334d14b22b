"""The encoder of the transformer."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from minigrad.nn.attention import MultiheadAttention
from minigrad.nn.container import ModuleList
from minigrad.nn.dropout import Dropout
from minigrad.nn.functional.activation import gelu, relu
from minigrad.nn.linear import Linear
from minigrad.nn.module import Module
from minigrad.nn.normalization import LayerNorm
from minigrad.tensor import Tensor

__all__ = ["TransformerEncoder", "TransformerEncoderLayer"]

Activation = Callable[[Tensor], Tensor]


class TransformerEncoderLayer(Module):
    """x ← norm₁(x + attention(x)), then x ← norm₂(x + W₂ activation(W₁ x)); with ``norm_first``
    x ← x + attention(norm₁(x)), then x ← x + W₂ activation(W₁ norm₂(x)).

    The call takes (src, src_mask, src_key_padding_mask, is_causal), masks as `MultiheadAttention`.

    Shapes: src and result (L, N, d_model), (N, L, d_model) with ``batch_first``, or (L, d_model).
    Errors: RuntimeError for an unknown activation.
    Source: Vaswani et al., Attention Is All You Need, 2017, section 3.1; norm_first: Xiong et al.,
    On Layer Normalization in the Transformer Architecture, 2020.

    Example:
        >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> layer(minigrad.randn(5, 3, 8)).shape
        minigrad.Size([5, 3, 8])
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            d_model: width of the sequence.
            nhead: heads of the attention, which have to divide d_model.
            dim_feedforward: rows of W₁.
            dropout: the probability of every `Dropout` inside.
            activation: "relu", "gelu", or a function of a tensor.
            layer_norm_eps: the eps of both `LayerNorm`.
            batch_first: whether the batch is the first dimension.
            norm_first: normalise before each part, which trains more steadily, or behind the sum.
            bias: whether the linear maps and norms have a b.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__()
        made = {"device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, **made
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **made)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **made)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.activation = _named(activation) if isinstance(activation, str) else activation

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        masks = (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = src + self._attention(self.norm1(src), *masks)
            return x + self._feed_forward(self.norm2(x))
        x = self.norm1(src + self._attention(src, *masks))
        return self.norm2(x + self._feed_forward(x))  # type: ignore[no-any-return]

    def _attention(
        self, x: Tensor, mask: Tensor | None, padding: Tensor | None, is_causal: bool
    ) -> Tensor:
        y, _ = self.self_attn(
            x,
            x,
            x,
            attn_mask=mask,
            key_padding_mask=padding,
            is_causal=is_causal,
            need_weights=False,
        )
        return self.dropout1(y)  # type: ignore[no-any-return]

    def _feed_forward(self, x: Tensor) -> Tensor:
        inner = self.dropout(self.activation(self.linear1(x)))
        return self.dropout2(self.linear2(inner))  # type: ignore[no-any-return]


class TransformerEncoder(Module):
    """``num_layers`` copies of a layer, one after the other, then ``norm`` if there is one. The
    copies start from the same numbers, as in PyTorch.

    The call takes (src, mask, src_key_padding_mask, is_causal) and hands them to each layer.

    Shapes: as for the layer.
    Errors: those of the layer.

    Example:
        >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
        >>> encoder = nn.TransformerEncoder(layer, num_layers=2)
        >>> encoder(minigrad.randn(5, 3, 8)).shape
        minigrad.Size([5, 3, 8])
    """

    def __init__(
        self,
        encoder_layer: TransformerEncoderLayer,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        """
        Args:
            encoder_layer: the layer that is copied.
            num_layers: how many copies.
            norm: a module for the end, such as a `LayerNorm`; useful with ``norm_first``.
            enable_nested_tensor, mask_check: accepted; they choose a faster way in PyTorch and
                change nothing here.
        """
        super().__init__()
        self.layers = ModuleList(deepcopy(encoder_layer) for _ in range(num_layers))
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        x = src
        for layer in self.layers:
            x = layer(x, mask, src_key_padding_mask, is_causal)
        return x if self.norm is None else self.norm(x)


def _named(activation: str) -> Activation:
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return relu if activation == "relu" else gelu
