"""The site: ``python -m sphinx -W docs docs/_build``, from a checkout and without a network."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests"), str(HERE)]

import minigrad  # noqa: E402

project = "minigrad"
author = "the minigrad developers"
copyright = "the minigrad developers"
version = release = minigrad.__version__

extensions = ["myst_nb", "sphinx_copybutton", "pages.mathml", "pages.made"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "executed")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
exclude_patterns = ["_build", "alone", "conf.py", "pages/**"]
suppress_warnings = ["config.cache"]
html_math_renderer = "mathml"

html_theme = "furo"
html_title = "minigrad"
html_static_path = ["static"]
html_extra_path = ["alone"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "source_repository": "",
    "light_css_variables": {"color-brand-primary": "#1f5fa8", "color-brand-content": "#1f5fa8"},
    "dark_css_variables": {"color-brand-primary": "#7db4f0", "color-brand-content": "#7db4f0"},
}
copybutton_exclude = ".linenos, .gp, .go"
