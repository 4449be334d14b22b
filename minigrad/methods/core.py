"""What a tensor is: numbers in an array and a place on the tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from minigrad import dtypes, tape
from minigrad.device import Array, Device, beside, device_of
from minigrad.errors import GraphError
from minigrad.gradients import backward
from minigrad.lines import show_line
from minigrad.methods.size import Size, size
from minigrad.methods.spelling import public_caller, whole
from minigrad.op import Op
from minigrad.ops.update import Path, write_view
from minigrad.recording import following, recording, switch
from minigrad.tape import Memory, Node, mark

if TYPE_CHECKING:
    from minigrad.methods.hooks import Retained
    from minigrad.tensor import Tensor


class Core:
    """The state of a tensor. Defaults live on the class, so making a tensor stays cheap.

    Attributes:
        array: the numbers, a numpy.ndarray or a cupy.ndarray.
        tracked: whether ops on this tensor leave marks on the tape (PyTorch's ``requires_grad``).
        node: the mark of the op that made it, None for a leaf.
        memory: the writing history that it shares with its views; made when first needed.
        base, path, seen: for a view, the tensor that it looks into, the view ops that lead from
            there to here, and the write up to which its node is known to be right.
        blind: whether it is a view made under `no_grad`, which no gradient flows through: a write
            through it with recording on would leave its base with a wrong derivative.
        leaf: for a view of a leaf that is a view itself, that leaf.
        sibling: whether it is one of several views that one call gave, or a view of such a one.
        inference: whether it was made in inference mode, so that no gradient may go through it.
        retained: what `retain_grad` keeps, for a tensor that is no leaf.
        hooks: those of a leaf; an op's result has them on its node.
        afterwards: a leaf's hooks that are called when its ``.grad`` has been added to.
    """

    array: Array
    tracked: bool = False
    node: Node | None = None
    memory: Memory | None = None
    base: Tensor | None = None
    path: Path = ()
    seen: int = 0
    blind: bool = False
    leaf: Tensor | None = None
    sibling: bool = False
    inference: bool = False
    retained: Retained | None = None
    hooks: list[tape.Hook] | None = None
    afterwards: list[Callable[[Tensor], None]] | None = None
    _grad: Tensor | None = None

    # -- the look of it ------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The lengths of the dimensions."""
        return size(self.array.shape)

    @property
    def dtype(self) -> dtypes.DType:
        """The type of the numbers."""
        return self.array.dtype  # type: ignore[no-any-return]

    @property
    def device(self) -> Device:
        """Where the numbers are."""
        return device_of(self.array)

    @property
    def ndim(self) -> int:
        """How many dimensions there are."""
        return self.array.ndim  # type: ignore[no-any-return]

    @property
    def is_cuda(self) -> bool:
        """Whether the numbers are on a GPU."""
        return self.device.type == "cuda"

    def _dim(self, dim: int, extra: int = 0) -> int:
        """A dimension counted from the front. ``extra`` 1 allows the place behind the last.

        Errors: IndexError, and TypeError for what is no integer, as in PyTorch.
        """
        if dim.__class__ is not int:
            return self._dim(whole(dim), extra)
        n: int = max(self.array.ndim + extra, 1)
        if not -n <= dim < n:
            raise IndexError(
                f"{public_caller()}: Dimension out of range (expected to be in range of "
                f"[{-n}, {n - 1}], but got {dim})"
            )
        place: int = dim % n
        return place

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    __hash__ = object.__hash__

    # -- the tape -------------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether ops on this tensor are recorded so that its gradient can be had."""
        if self._ambiguous():
            return True
        self.catch_up()
        return self.tracked

    @requires_grad.setter
    def requires_grad(self, mode: bool) -> None:
        if mode is not True and mode is not False:
            raise RuntimeError(f"requires_grad must be a bool, got {mode!r}")
        if not self.is_leaf:
            raise RuntimeError(
                "requires_grad: you can only change requires_grad flags of leaf variables."
            )
        self.requires_grad_(mode)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Switch the tracking of a leaf.

        Args:
            requires_grad: whether gradients are collected from now on.

        Errors: TypeError for what is no truth value, RuntimeError for integers, for inference
        tensors, and for switching off what an op has made.
        """
        mode = requires_grad
        if mode is not True and mode is not False:
            raise TypeError(f"requires_grad_: expected a bool, got {type(mode).__name__}")
        if mode and self.dtype.kind != "f":
            raise RuntimeError(
                f"requires_grad: only Tensors of floating point dtype can require gradients; "
                f"this one is {self.dtype}"
            )
        if mode and self.inference and not switch.inference:
            raise RuntimeError(
                "requires_grad: Setting requires_grad=True on inference tensor outside "
                "InferenceMode is not allowed; clone() it to get a normal tensor"
            )
        if not mode and not self.is_leaf:
            raise RuntimeError(
                "requires_grad: you can only change requires_grad flags of leaf variables; "
                "use detach() to get a tensor that does not require grad"
            )
        self.tracked = mode
        return self  # type: ignore[return-value]

    @property
    def is_leaf(self) -> bool:
        """Whether no op on the tape has made this tensor."""
        return self.grad_fn is None

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has added up here: for leaves, and after `retain_grad`."""
        return self._grad if self.retained is None else self.retained.grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        own = self.array
        if value is not None and not isinstance(value, Core):
            raise TypeError(
                f"grad: expected to be assigned a Tensor or None, got {type(value).__name__}"
            )
        if value is self:
            raise RuntimeError("grad: can't assign Variable as its own grad")
        if value is not None and (value.shape != own.shape or value.dtype != own.dtype):
            raise RuntimeError(
                f"grad: expected a gradient like its tensor, {self.dtype} of shape {self.shape}; "
                f"got {value.dtype} of shape {value.shape}"
            )
        if value is not None and (value.array.__class__ is not own.__class__ or self.is_cuda):
            beside("grad", self.device, value.device)
        if self.tracked and self.node is None:
            if value is None:
                switch.recorder.forgets(self, True)  # type: ignore[arg-type]
            else:
                switch.recorder.receives(self)  # type: ignore[arg-type]
        if self.retained is None:
            self._grad = value
        else:
            self.retained.grad = value

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    @property
    def grad_fn(self) -> Node | None:
        """The mark of the op that made this tensor."""
        self.catch_up()
        return self.node

    @property
    def data(self) -> Tensor:
        """The same memory as a tensor outside the tape; writes through it go unnoticed."""
        return self._alias()

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Core):
            raise TypeError(f"data: expected a tensor, got {type(value).__name__}")
        if self.tracked and value.dtype.kind != "f":
            raise RuntimeError(
                "data: data set to a tensor that requires gradients must be floating point; "
                f"got {value.dtype}"
            )
        if value.array is not self.array:
            switch.recorder.turns(self, "data=")  # type: ignore[arg-type]
        self.array = value.array
        self.memory = self.base = None

    def detach(self) -> Tensor:
        """The same memory as a tensor outside the tape."""
        alias = self._alias()
        alias.memory, alias.inference = self.history(), self.inference
        return alias

    def detach_(self) -> Tensor:
        """Take this tensor off the tape: it becomes a leaf. Errors: RuntimeError for a view."""
        if self.base is not None:
            raise RuntimeError("detach_: Can't detach views in-place; use detach() instead")
        self.node, self.tracked = None, False
        return self  # type: ignore[return-value]

    def _alias(self) -> Tensor:
        alias = Op.wrap(self.array)
        if following:
            switch.recorder.alias(alias, self)  # type: ignore[arg-type]
        return alias

    def history(self) -> Memory:
        """The writing history of this tensor's memory."""
        if self.memory is None:
            self.memory = Memory()
        return self.memory

    @property
    def _version(self) -> int:
        """Changes with each write: the serial number of the last one, 0 for none."""
        if self.inference:
            raise RuntimeError("_version: Inference tensors do not track version counter.")
        return self.memory.serial if self.memory is not None else 0

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Tensor] | None = None,
    ) -> None:
        """Add the gradient of this tensor to ``.grad`` of every leaf it depends on.

        ``gradient`` is the cotangent to start from, of this tensor's shape; 1 for a single number.
        ``create_graph`` records the walk itself, for derivatives of higher order.
        Errors: RuntimeError when it is not a single number and no ``gradient`` is given, when
        nothing requires a gradient, when the graph was freed or a kept value overwritten.

        Args:
            retain_graph: keep what the walk needs, so that it can be walked again; None does as
                ``create_graph`` says.
            inputs: the leaves that get a gradient; None is all of them.
        """
        backward(
            self,  # type: ignore[arg-type]
            gradient,
            retain_graph=retain_graph,
            create_graph=create_graph,
            inputs=inputs,
        )

    def catch_up(self) -> None:
        """Bring a view's node up to date after a write to what it looks into."""
        if self.base is None:
            return
        if self.base.base is not None:  # it has become a view itself, see `become`
            self.base = self.base.base
        if self.memory is None or self.memory.serial <= self.seen:
            return
        if self.blind:
            if switch.recording and self._ambiguous():
                raise GraphError(
                    "A view was created in no_grad mode and its base or another view of its base "
                    f"has been modified inplace ({self.memory.by}, {show_line(self.memory.where)}):"
                    " whether a gradient flows through it cannot be said; make the view with grad "
                    "mode enabled, or detach() it"
                )
            return
        self.seen = self.memory.serial
        self.base.catch_up()
        if self.base.tracked:
            fresh = self.base
            with recording(True):
                for op, params in self.path:
                    fresh = op(fresh, **params)
            self._move(fresh.node)

    def _ambiguous(self) -> bool:
        """Whether it is a view made under `no_grad` of what requires a gradient, written since."""
        base, memory = self.base, self.memory
        written = self.blind and memory is not None and memory.serial > self.seen
        return written and base is not None and base.requires_grad

    def rebase(self, node: Node) -> None:
        """Take a new place on the tape after ``node``'s op wrote this tensor's memory; the tensor
        that this one is a view of takes one as well: it has changed in this region."""
        self._move(node)
        if self.base is not None:
            self.seen = self.history().serial
            root = self.base
            places = (tape.source_of(root), node)
            shapes = (root.shape, self.array.shape)
            path = {"path": self.path}
            root.rebase(mark(write_view, places, (), shapes, path, root.array, None))

    def one_of_several(self) -> Tensor:
        """Itself, a view that came with others: what is written into it is refused as in PyTorch,
        where a gradient is concerned."""
        self.sibling = True
        return self  # type: ignore[return-value]

    def become(self, view: Tensor, by: str) -> Tensor:
        """Take the place of a view of this tensor, as ``transpose_`` does. What looked into it
        looks from now on into a tensor that stays what this one was.

        Args:
            view: the view.
            by: the method that is called, for errors.

        Errors: RuntimeError for a leaf that requires a gradient.
        """
        switch.recorder.turns(self, by)  # type: ignore[arg-type]
        recorded = self.tracked and switch.recording
        if recorded and self.node is None:
            raise RuntimeError(
                f"{by}: a leaf Variable that requires grad is being used in an in-place operation; "
                "write under no_grad(), or to a clone()"
            )
        if self.base is None and (recorded or not self.tracked):
            former = self._alias()
            former.memory, former.node, former.tracked = self.history(), self.node, self.tracked
            self.base = former
        self.history().written(by)  # what a node keeps of it has no longer its shape
        self.array, self.path, self.seen = view.array, view.path, self.history().serial
        if view.node is not None:
            self._move(view.node)
        return self  # type: ignore[return-value]

    def _move(self, node: Any) -> None:
        if self.retained is not None and self.node is not None and self.node.hooks:
            self.node.hooks.remove(self.retained)
            node.hooks = [self.retained]
        self.node, self.tracked = node, True
