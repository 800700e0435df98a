"""Pages made of templates that stand alone: no script, no network, nothing beside the file.

Names and messages come from strangers: everything is escaped, and each template's content security policy forbids
whatever might slip through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from runner.plaintext import clean


def render(template: str, values: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]]) -> str:
    """The page of `templates/TEMPLATE` with these values, as text."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            clean(value, keep="\n") if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
    )
    environment.filters |= filters
    page = files("runner").joinpath(f"templates/{template}").read_text(encoding="utf-8")
    return environment.from_string(page).render(values)
