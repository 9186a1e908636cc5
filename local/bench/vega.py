"""The same five charts as Vega-Lite specifications, as a careful user of vl-convert would write them."""

from __future__ import annotations

from typing import Any

from ledgercast.domain.catalogue import metric
from ledgercast.domain.facts import Facts

_CONFIG = {
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {"labelFontSize": 20, "titleFontSize": 20, "domain": False, "ticks": False, "gridColor": "#E2E6ED"},
    "legend": {"labelFontSize": 20, "title": None, "orient": "top"},
}


def spec_of(facts: Facts) -> dict[str, Any]:
    """Title, subtitle, axes, legend and value labels: what our chart tells, less the footer's second line."""
    kind = metric(facts.metric).chart
    subtitle = f"{facts.organisation.name} · {facts.window.label} · {facts.organisation.currency}"
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 1480,
        "height": 720,
        "padding": 40,
        "title": {"text": facts.title, "subtitle": subtitle, "fontSize": 42, "subtitleFontSize": 23, "anchor": "start"},
        "data": {"values": _values(facts)},
        "layer": _LAYERS[kind](facts),
        "config": _CONFIG,
    }


def _values(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"category": category, "series": series.id, "kind": series.kind, "value": float(told)}
        for series in facts.series
        for category, told in zip(facts.categories, series.values, strict=True)
        if told is not None
    ]


def _upright(facts: Facts, **more: Any) -> dict[str, Any]:
    return {
        "x": {"field": "category", "type": "ordinal", "sort": list(facts.categories), "axis": {"labelAngle": 0}},
        "y": {"field": "value", "type": "quantitative", "axis": {"format": "$.2~s"}},
        **more,
    }


def _labels(encoding: dict[str, Any], **place: Any) -> dict[str, Any]:
    text = {"field": "value", "type": "quantitative", "format": "$.3~s"}
    return {"mark": {"type": "text", "fontSize": 20, **place}, "encoding": {**encoding, "text": text}}


def _line(facts: Facts) -> list[dict[str, Any]]:
    encoding = _upright(facts)
    mark = {"type": "area", "line": {"strokeWidth": 5}, "point": {"size": 150, "filled": False}, "opacity": 0.2}
    return [{"mark": mark, "encoding": encoding}, _labels(encoding, dy=-20)]


def _bar(facts: Facts) -> list[dict[str, Any]]:
    encoding = _upright(facts)
    return [{"mark": {"type": "bar", "cornerRadiusEnd": 6}, "encoding": encoding}, _labels(encoding, dy=-14)]


def _combo(facts: Facts) -> list[dict[str, Any]]:
    encoding = _upright(facts, color={"field": "series", "type": "nominal"})
    bars = [{"filter": "datum.kind == 'bar'"}]
    lines = [{"filter": "datum.kind == 'line'"}]
    return [
        {"transform": bars, "mark": "bar", "encoding": encoding},
        {"transform": lines, "mark": {"type": "line", "point": True, "strokeWidth": 5}, "encoding": encoding},
        {"transform": lines, **_labels(encoding, dy=-20)},
    ]


def _hbar(facts: Facts) -> list[dict[str, Any]]:
    encoding = {
        "y": {"field": "category", "type": "ordinal", "sort": list(facts.categories), "axis": {"labelLimit": 430}},
        "x": {"field": "value", "type": "quantitative", "axis": None},
    }
    return [
        {"mark": {"type": "bar", "cornerRadiusEnd": 6}, "encoding": encoding},
        _labels(encoding, dx=8, align="left"),
    ]


def _stacked(facts: Facts) -> list[dict[str, Any]]:
    encoding = _upright(facts, color={"field": "series", "type": "nominal"})
    nets = [{"filter": "datum.kind == 'marker'"}]
    return [
        {"transform": [{"filter": "datum.kind == 'bar'"}], "mark": "bar", "encoding": encoding},
        {"transform": nets, "mark": {"type": "point", "shape": "diamond", "size": 200}, "encoding": encoding},
        {"transform": nets, **_labels(encoding, dy=-20)},
    ]


_LAYERS = {"line": _line, "bar": _bar, "combo": _combo, "hbar": _hbar, "stacked": _stacked}
