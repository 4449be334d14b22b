"""Pages in a real browser: every number unfolds and adds up, edits change everything."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from nets import NETS, two_layers

import minigrad
from minigrad.explainer import Explanation, explain

WALK = """([most]) => {
  let worst = 0, count = 0, factors = 0, empty = 0;
  const all = [];
  for (const name of page.tensors()) {
    const n = page.look(name).s.reduce((a, b) => a * b, 1);
    for (let i = 0; i < n; i++) all.push([name, i]);
  }
  let seed = 7;
  const random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
  const chosen = all.length <= most ? all
    : Array.from({length: most}, () => all[Math.floor(random() * all.length)]);
  for (const [name, i] of chosen) {
    const {value, terms} = page.why(name, i);
    const sum = terms.reduce((a, t) => a + t.product, 0);
    const sizes = terms.reduce((a, t) => a + Math.abs(t.product), 0);
    count++;
    if (!terms.length && value !== 0) empty++;
    worst = Math.max(worst, Math.abs(sum - value) / (sizes || 1));
    for (const t of terms) {
      const product = t.factors.reduce((a, f) => a * f.value, 1);
      factors = Math.max(factors, Math.abs(product - t.product) / (Math.abs(t.product) || 1));
      for (const f of t.factors) {
        if (!f.name || !Array.isArray(f.index)) throw new Error(`${name} ${i}: no factor`);
        if (page.tensors().includes(f.name)) {
          const there = page.value(f.name, f.index);
          if (there !== f.value) throw new Error(`${f.name}: ${there} is not ${f.value}`);
        }
      }
    }
  }
  return {worst, factors, count, empty};
}"""
COLUMNS = """() => {
  const told = [];
  page.machine.passes.forEach((pass, p) => pass.grads.forEach(([leaf]) => {
    const G = page.chain(p).G.get(leaf), B = page.bounds(p).B.get(leaf);
    const name = page.grad_name(leaf, p);
    let beyond = 0;
    for (let i = 0; i < G.length; i++) {
      if (!(Math.abs(page.minigrad(name, i) - page.value(name, i)) <= B[i])) beyond++;
    }
    told.push([name, G.length, beyond]);
  }));
  return told;
}"""


@cache
def explained(name: str) -> Explanation:
    step, args = NETS[name]()
    return explain(step, *args, title=name)


@pytest.fixture(scope="module")
def pages(opened: Callable[..., Any]) -> Callable[[str], Any]:
    return cache(lambda name: opened(explained(name), name))


@pytest.mark.parametrize("name", NETS)
def test_gradients_are_minigrads_to_within_rounding(pages: Any, name: str) -> None:
    told = pages(name).evaluate(COLUMNS)
    assert told
    assert [each for each in told if each[2]] == []


@pytest.mark.parametrize("name", NETS)
def test_every_number_unfolds_to_a_sum_that_adds_up(pages: Any, name: str) -> None:
    small = name not in ("lenet", "mlp")
    found = pages(name).evaluate(WALK, [1500 if small else 1000])
    assert found["worst"] < 1e-6, found  # float32: a value is rounded, its sum is not
    assert found["factors"] < 1e-6
    assert found["empty"] == 0
    assert found["count"] > 100


def test_in_float64_the_page_is_as_good_as_float64(opened: Any) -> None:
    step, args = two_layers(minigrad.float64)
    page = opened(explain(step, *args), "float64")
    found = page.evaluate(WALK, [10**6])
    assert found["worst"] < 1e-14
    assert found["factors"] < 1e-14


def test_numeric_slopes_agree(pages: Any) -> None:
    for name, most in (("two_layers", 8), ("lstm", 4), ("normed", 4), ("gan", 3)):
        worst = pages(name).evaluate(
            """most => {
              let worst = 0;
              page.machine.passes.forEach((pass, p) => pass.grads.forEach(([leaf]) => {
                const name = page.grad_name(leaf, p), G = page.chain(p).G.get(leaf);
                const gap = (x, i) => Math.abs(x - page.value(name, i));
                const top = Math.max(...G.map(Math.abs), 1e-6);
                for (let i = 0; i < Math.min(G.length, most); i++) {
                  const found = page.numerically(name, i);
                  if (!found.kink) worst = Math.max(worst, gap(found.value, i) / top);
                }
              }));
              return worst;
            }""",
            most,
        )
        assert worst < 2e-5, (name, worst)  # of gradients of float32's forward pass


def test_an_edit_changes_everything_as_in_minigrad(pages: Any) -> None:
    page = pages("two_layers")
    step, (x, y) = two_layers()
    names = page.evaluate("page.tensors()")
    assert {"0.weight", "0.weight.grad", "loss", "x0", "x1", "out", "lr"} <= set(names)
    page.evaluate("page.set('x0', [1, 2], 0.75)")
    with minigrad.no_grad():
        x[1, 2] = 0.75
    scope = step.__closure__
    cells = [c.cell_contents for c in scope or ()]
    model = next(c for c in cells if isinstance(c, minigrad.nn.Sequential))
    for _ in range(3):
        loss = step(x, y)
        assert page.evaluate("page.value('loss')") == pytest.approx(loss.item(), rel=1e-5)
        for i, wanted in enumerate(model[0].weight.grad.numpy().ravel()):
            got = page.evaluate("i => page.value('0.weight.grad', i)", i)
            assert got == pytest.approx(wanted, rel=1e-4, abs=1e-6)
        page.evaluate("page.step(1)")
    assert page.evaluate("page.value('0.weight', [2, 1])") == pytest.approx(
        model[0].weight[2, 1].item(), rel=1e-5
    )
    page.evaluate("page.reset()")
    assert page.evaluate("page.steps") == 0


def test_what_is_computed_is_not_edited(pages: Any) -> None:
    for wrong in ("page.set('out', [0, 0], 1)", "page.set('x0', [9, 9], 1)", "page.value('q')"):
        told = pages("two_layers").evaluate(
            f"() => {{ try {{ {wrong}; }} catch (e) {{ return e.name; }} }}"
        )
        assert told == "RangeError", wrong


def test_the_panels_work(pages: Any) -> None:
    page = pages("two_layers")
    page.get_by_role("tab", name="Check").click()
    assert page.locator(".checks .differs").count() == 0
    page.get_by_role("tab", name="Break it").click()
    page.get_by_label("the fault").select_option("twice")
    page.get_by_role("button", name="break it").click()
    assert page.locator(".checks .caught").count() >= 3
    page.get_by_label("the fault").select_option("small")
    page.get_by_role("button", name="break it").click()
    assert page.locator(".checks .missed").count() >= 1  # gradcheck's default tolerance
    page.get_by_role("tab", name="Train").click()
    before = page.evaluate("page.loss()")
    page.get_by_role("button", name="10 steps").click()
    assert page.evaluate("page.loss()") < before
    page.get_by_role("button", name="from the start").click()
    page.get_by_role("tab", name="Predict").click()
    number = page.evaluate("page.value('0.weight.grad', [1, 2])")
    told = page.evaluate("x => page.predict('0.weight.grad', [1, 2], x)", -number)
    assert told[0] == "wrong" and "sign" in told[1]
    assert page.evaluate("x => page.predict('0.weight.grad', [1, 2], x)", number)[0] == "right"
    page.get_by_role("tab", name="Check").click()


def test_keys_slider_and_clicks_lead_through_the_ledger(pages: Any) -> None:
    page = pages("two_layers")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator(".row.now").count() == 1
    page.locator("details.backward > summary").nth(3).click()
    page.locator("details.backward .cell").first.click()
    assert page.locator(".why.open .column").count() >= 3
    assert page.locator(".why.open .terms tbody tr").count() >= 1
    page.locator(".why .factor.gradient, .why .factor.value").first.click()
    page.keyboard.press("Escape")
    assert page.locator(".why.open").count() == 0


def test_a_long_step_is_folded_into_modules_and_steps_in_time(pages: Any) -> None:
    page = pages("lstm")
    shown = page.locator(".part.forward > details.fold > summary .call")
    assert shown.all_inner_texts() == ["cell · LSTM", "MSELoss"]
    page.locator(".part.forward > details.fold > summary").first.focus()
    page.keyboard.press("Enter")
    steps = page.locator(".part.forward details.fold details.fold > summary .call")
    assert steps.all_inner_texts() == [f"step {t} of 4" for t in (1, 2, 3, 4)]
    # The graph has the same folds, and leads into them by keys.
    boxes = page.locator(".graph .box.fold")
    assert boxes.count() == 2
    boxes.first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".crumbs").inner_text() == "the whole step › cell · LSTM"
    assert page.locator(".graph .box.fold").count() == 4
    page.locator(".graph .box.fold").nth(1).click()
    assert page.locator(".graph .box.op").count() == 11
    # The arrow keys pass by what is folded, and a row that is asked for opens what it stands in.
    page.evaluate("document.activeElement.blur()")
    assert page.locator(".fold.now > summary .call").inner_text() == "step 2 of 4"
    page.locator(".fold.now > summary").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert page.locator(".now > summary .call").inner_text() == "step 3 of 4"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".now > summary .call").inner_text() == "step 1 of 4"
    page.get_by_role("button", name="the whole step").click()
    page.get_by_role("slider").fill("0")
    assert page.locator(".graph .box.fold").count() == 2
    assert page.locator(".graph .box.now").count() == 1


def test_the_update_is_folded_by_weights_and_small_steps_are_not(pages: Any) -> None:
    texts = pages("gan").locator(".part.update > details.fold > summary .call").all_inner_texts()
    assert texts.count("all weights") == 2
    assert len(texts) == 10 and {text[:2] for text in texts} == {"D.", "G.", "al"}
    forward = pages("gan").locator(".part.forward > details.fold > summary .call")
    assert [text.split(" ")[0] for text in forward.all_inner_texts()].count("D") == 3
    assert pages("two_layers").locator("details.fold").count() == 0


def test_functions_and_hooks_are_told_where_they_act(pages: Any) -> None:
    page = pages("own_functions")
    why = page.evaluate("page.why('Sine1.grad', [0, 0])")
    assert [f["name"] for f in why["terms"][0]["factors"]] == ["h.grad"]
    why = page.evaluate("page.why('linear1.grad', [1, 2])")
    local = why["terms"][0]["factors"][1]
    value = page.evaluate("page.value('linear1', [1, 2])")
    assert local["name"] == "Sine: ∂Sine1/∂linear1"
    assert local["value"] == pytest.approx(np.cos(value), rel=1e-12)
    why = page.evaluate("page.why('linear0.bias.grad', [1])")
    assert why["terms"][-1]["factors"][0]["name"] == "added by a hook"
    assert why["terms"][-1]["product"] == pytest.approx(1, rel=1e-12)
    # What is done in NumPy goes on along its slopes.
    before = page.evaluate("page.value('Sine1', [0, 0])")
    page.evaluate("page.set('x0', [0, 0], page.value('x0', [0, 0]) + 1e-4)")
    assert 0 < abs(page.evaluate("page.value('Sine1', [0, 0])") - before) < 1e-3
    page.evaluate("page.reset()")
    assert page.locator(".backward .op", has_text="Sine").count() == 1


def test_a_row_leads_to_its_rule_and_its_lesson(opened: Any, pages: Any, tmp_path: Any) -> None:
    alone = pages("two_layers")
    alone.evaluate("document.querySelectorAll('details.row')[1].open = true")
    told = alone.locator("details.row").nth(1).locator(".read-on")
    assert told.inner_text() == (
        "In the table of derivatives: elementary, tanh · lesson python -m minigrad lesson A"
    )
    assert alone.locator(".read-on a").count() == 0
    made = explained("two_layers")
    page = alone.context.new_page()
    page.goto(made.save(tmp_path / "of_the_site.html", site="../").as_uri())
    page.wait_for_selector("body[data-ready]")
    page.evaluate("document.querySelectorAll('details.row')[1].open = true")
    links = page.locator("details.row").nth(1).locator(".read-on a")
    targets = links.evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert targets == ["../ops/elementary.html#op-tanh", "../lessons/activations.html"]
    page.close()


def test_a_page_asks_for_nothing_and_escapes_names(opened: Any) -> None:
    bad = "</script><img src=x onerror=alert(1)>"
    w = minigrad.ones(2, requires_grad=True)
    page = opened(explain(lambda: (w * 2).sum().backward(), title=bad), "escaped")
    assert page.locator("img").count() == 0
    assert page.locator("h1").inner_text() == bad


def test_the_phone_has_no_sideways_scroll(opened: Any) -> None:
    page = opened(explained("two_layers"), "phone", viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_random_places_of_a_batch_fit_into_two_megabytes() -> None:
    assert len(explained("mlp").html) < 2e6


def test_explaining_changes_nothing() -> None:
    for name, make in NETS.items():
        step, args = make()
        cells = [c.cell_contents for c in step.__closure__ or ()]
        modules = [c for c in cells if isinstance(c, minigrad.nn.Module)]
        modules += [m for c in cells if isinstance(c, list) for m in c]
        state = [p.numpy(force=True).copy() for m in modules for p in m.state_dict().values()]
        stream = minigrad.get_rng_state()
        explain(step, *args)
        after = [p.numpy(force=True) for m in modules for p in m.state_dict().values()]
        assert all(np.array_equal(a, b) for a, b in zip(state, after, strict=True)), name
        assert all(p.grad is None for m in modules for p in m.parameters()), name
        optimizers = [c for c in cells if hasattr(c, "param_groups")]
        assert all(not optimizer.state for optimizer in optimizers), name
        assert np.array_equal(stream, minigrad.get_rng_state()), name


def test_a_two_layer_net_is_a_handout_of_one_page(opened: Any) -> None:
    page = opened(explained("two_layers"), "handout")
    for exercise in (True, False):
        page.evaluate("on => document.body.classList.toggle('exercise', on)", exercise)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.wait_for_selector(".backward .cell", state="attached")
        pages = re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True))
        assert len(pages) == 1
