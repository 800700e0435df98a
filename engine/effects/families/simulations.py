"""Worlds with a state of their own, stepped sixty times a second."""

from __future__ import annotations

from collections.abc import Mapping

from engine.scene import EffectSpec

EFFECTS: Mapping[str, EffectSpec] = {}
