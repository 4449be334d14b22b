"""Calls that PyTorch refuses: minigrad has to refuse them as well, by the same kind of error."""

from __future__ import annotations

import torch

from ..drawing import Drawing

CALLS = """{x}.sum(7) {x}.mean(-9) {x}.reshape(7,13) {x}.view(-1,-1) {x}.transpose(0,9) {x}[99] {x}.squeeze(8)
{x}.expand(7,7,7,7,7,3) {x}.unsqueeze(9) {x}.permute(0,0) {x}+{y} {x}*{y} {x}-{y} {x}/{y} {x}@{y} {x}.mm({y})
{x}.bmm({y}) {x}.dot({y}) {x}.mv({y}) torch.cat([{x},{y}]) torch.stack([{x},{y}]) {x}.add_({y}) {x}.copy_({y})
{x}.backward() torch.autograd.grad({x}.sum(),[{y}]) {x}.index_select(0,{y}) {x}.gather(0,{y}) {x}.narrow(0,5,9)
{x}.select(0,17) {x}.split(0) {x}.chunk(0) {x}.masked_fill({y},1) torch.where({x},{x},{y}) {x}.softmax(9)
{x}.view({y}) {x}.repeat(-1) {x}.tile(-2) {x}.flip(5) {x}.roll(1,7) {x}.diagonal(0,1,1) {x}.unfold(0,99,1)
{x}.sort(6) {x}.topk(99) {x}.max(8) {x}.argmax(9) {x}.cumsum(9) {x}.prod(7) {x}.var(9) {x}.norm(dim=9)
torch.nn.functional.linear({x},{y}) torch.nn.functional.conv2d({x},{y}) {x}.matmul({y}) {x}.addmm({x},{y})
{x}.scatter(0,{y},1.0) {x}.float().add_({y}.long().double()) {x}.long().add_(0.5) {x}.bool()-{x}.bool()
-{x}.bool() {x}.long().mean() {x}.long().requires_grad_() {x}.requires_grad_().add_(1) {x}.flatten(2,1)
{x}.unflatten(0,(7,11)) {x}.movedim(0,9) {x}.as_strided((9,9),(9,9)) torch.einsum('ij,jk',{x},{y}) {x}.item()
torch.nn.functional.cross_entropy({x},{y}) torch.nn.functional.embedding({x},{y}) {x}.index_add(0,{y},{x})
torch.nn.functional.max_pool2d({x},3) torch.nn.functional.pad({x},(1,2,3)) {x}.new_zeros(-1) torch.zeros(-2)
torch.arange(3,0,1) torch.linspace(0,1,-1) torch.eye(-1) {x}.long()//0 {x}&{y} ~{x} {x}<<1 {x}.triu('a')""".split()


def refused(d: Drawing) -> str | None:
    """A statement that raises, to be the last."""
    x, y = d.pick(kinds=d.one("fffib")), d.pick(kinds=d.one("fffib"))
    text = d.one(CALLS).format(x=x, y=y)
    try:
        d.value(text)
    except (RuntimeError, IndexError, TypeError, ValueError, torch.linalg.LinAlgError):
        return text
    return None
