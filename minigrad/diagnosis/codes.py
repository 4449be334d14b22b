"""What the doctor can find: every code with its meaning, the remedy, and the line that is named.

The table in the guide is made of this, and so are the messages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One kind of fault.

    Attributes:
        name: how it is called in reports.
        why: why it matters.
        remedy: what to write instead.
        line: which line is named.
    """

    name: str
    why: str
    remedy: str
    line: str


_TABLE = (
    (
        "gradients-not-zeroed",
        "backward() adds to .grad, so each step goes along the sum of all gradients so far",
        "call optimizer.zero_grad() once before each backward()",
        "backward()",
    ),
    (
        "backward-twice",
        "the values that a graph keeps are freed by its first backward(), or its gradients count "
        "twice",
        "call backward() once for each forward; add losses up before, and use retain_graph=True "
        "only where the same graph is really differentiated again",
        "the second backward()",
    ),
    (
        "parameter-not-in-optimizer",
        "it gets gradients that nobody uses, and stays as it began",
        "give all parameters to the optimizer, optim.SGD(model.parameters(), ...), keep layers in "
        "nn.ModuleList rather than in a list, and freeze on purpose with requires_grad_(False)",
        "where the optimizer is made",
    ),
    (
        "parameter-without-gradient",
        "the optimizer leaves it as it is: no path leads from it to the loss",
        "use the layer in forward, or remove it; do not detach() on the way to the loss",
        "what cuts it off the tape (detach, no_grad, argmax), or where the layer is made if it is "
        "never used",
    ),
    (
        "softmax-before-cross-entropy",
        "cross_entropy takes logits and applies softmax itself: a second one squeezes the "
        "probabilities together, gradients become small and the loss cannot reach 0",
        "give the logits to cross_entropy; or softmax to nn.CrossEntropy, log_softmax to nll_loss",
        "the call of the loss",
    ),
    (
        "sigmoid-before-bce-with-logits",
        "binary_cross_entropy_with_logits applies the sigmoid itself: a second one keeps every "
        "probability between 0.5 and 0.73",
        "give it the logits, or the sigmoid's result to binary_cross_entropy",
        "the call of the loss",
    ),
    (
        "softmax-wrong-dim",
        "the probabilities of one sample do not add up to 1: the samples of a batch compete with "
        "each other instead of the classes",
        "take softmax over the dimension of the classes, dim=1 for (N, C) or dim=-1",
        "the call of softmax",
    ),
    (
        "loss-broadcasts",
        "each prediction is compared with every target, and the mean is over N x N pairs: the "
        "best that can be learned is the mean of the targets",
        "bring both to one shape, prediction.squeeze(1) or target.unsqueeze(1)",
        "where the two are brought together",
    ),
    (
        "dead-relu",
        "a unit that is 0 for every sample gets no gradient, and never comes back",
        "begin with small biases (0) and weights of init.kaiming_uniform_, lower the learning "
        "rate, or use nn.LeakyReLU",
        "the call of the activation",
    ),
    (
        "vanishing-gradients",
        "the first layers learn practically nothing",
        "use ReLU in the place of sigmoid and tanh, init.kaiming_uniform_ or xavier_uniform_, "
        "normalisation, or connections that skip layers",
        "backward()",
    ),
    (
        "exploding-gradients",
        "a step of any sensible rate throws the weights far away",
        "begin with smaller weights (init.kaiming_uniform_, xavier_uniform_, orthogonal_), "
        "normalise, or limit the gradients with nn.utils.clip_grad_norm_",
        "backward()",
    ),
    (
        "labels-out-of-range",
        "there is no such class",
        "count classes from 0 and make the last layer as wide as there are classes; mark rows to "
        "leave out with ignore_index; targets of binary losses are 0 and 1",
        "the call of the loss",
    ),
    (
        "training-in-eval-mode",
        "dropout does not drop, and batch normalisation uses and never updates its running numbers",
        "call model.train() before each epoch of training",
        "the eval() call that is still in force, else the call of the model",
    ),
    (
        "evaluating-in-train-mode",
        "dropout makes the result random, and batch normalisation learns from the test data",
        "call model.eval() before evaluating, and model.train() afterwards",
        "the call of the model",
    ),
    (
        "evaluating-with-gradients",
        "a graph is recorded that no backward() uses: it costs memory and time",
        "evaluate inside of `with torch.no_grad():`",
        "the call of the model",
    ),
    (
        "learning-rate-too-high",
        "the steps go beyond the valley that they should lead into",
        "divide the learning rate by 10 until the loss goes down",
        "where the optimizer is made",
    ),
    (
        "learning-rate-too-low",
        "nothing is learned in any sensible time",
        "multiply the learning rate by 10 until the loss goes down visibly; 0.1 for SGD and 0.001 "
        "for Adam are usual",
        "where the optimizer is made",
    ),
    (
        "inputs-not-normalised",
        "gradients of the first layer grow with its inputs, so that no learning rate suits all "
        "layers",
        "bring the inputs to mean 0 and deviation 1, (x - x.mean(0)) / x.std(0), or pixels to "
        "[0, 1] by x / 255",
        "the call of the model",
    ),
    (
        "not-shuffled",
        "every epoch shows the samples in the same order, and steps learn the order",
        "make it DataLoader(..., shuffle=True), or draw a new torch.randperm(n) each epoch",
        "where the data loader is made",
    ),
    (
        "symmetric-weights",
        "units that begin alike get the same gradients and stay alike: the layer is as good as "
        "one unit",
        "begin with random weights, as the layers do by themselves or init.kaiming_uniform_ does",
        "where the weights were set",
    ),
    (
        "step-missing",
        "gradients are computed, and no parameter changes",
        "call optimizer.step() after each backward()",
        "backward()",
    ),
    (
        "step-before-backward",
        "the step uses no gradient, or that of an older loss",
        "keep the order zero_grad(), backward(), step()",
        "step()",
    ),
    (
        "loss-detached",
        "no gradient can reach the parameters",
        "compute the loss of the model's own output: without detach(), .data, item(), NumPy, "
        "argmax or no_grad() on the way, and do not make a new tensor of it",
        "what cuts the loss off the tape",
    ),
    (
        "nan-or-inf",
        "one such number spreads over all that is computed from it",
        "keep the operands in the domain: log(x + eps) or log_softmax, x.clamp(min=eps).sqrt(), "
        "a smaller range in float16",
        "the call of the op that made it",
    ),
    (
        "batch-norm-batch-of-one",
        "the variance of one sample is 0: the layer sees no difference between samples",
        "use batches of several samples and drop_last=True, or LayerNorm or GroupNorm",
        "the call of the layer",
    ),
    (
        "graph-grows",
        "each step holds the graphs of all steps before: memory and time grow",
        "add up loss.item() or loss.detach(), and detach() a state that is carried to the next "
        "step",
        "the op that reaches back, or that computed the losses which are kept",
    ),
    (
        "overwritten-value",
        "its derivative would be computed with numbers that are no longer those of the forward",
        "write y = y + 1 in the place of y += 1, or clone() before writing",
        "the write",
    ),
)
CODES = {row[0]: Code(*row) for row in _TABLE}
"""Every code by its name."""


def table() -> str:
    """The codes as a table in Markdown, as it stands in the guide."""
    rows = ["| code | why it matters | what to do | the line that is named |", "|---|---|---|---|"]
    rows += [f"| `{c.name}` | {c.why} | {c.remedy} | {c.line} |" for c in CODES.values()]
    return "\n".join(rows)
