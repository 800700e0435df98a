"""Cover art and type."""

from __future__ import annotations

from collections.abc import Mapping

from engine.scene import EffectSpec

EFFECTS: Mapping[str, EffectSpec] = {}
