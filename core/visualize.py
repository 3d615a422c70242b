"""Pictures of flows, drawn by Graphviz.

Source: core.md §2.7.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from prefect.utilities._extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphviz import Digraph

    from prefect.edge import Edge
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task

#: Half-transparent, so that labels can be read on every colour.
_ALPHA = "80"
_UNKNOWN_COLOR = "#000000"


def visualize(
    flow: Flow,
    flow_state: State | None = None,
    filename: str | None = None,
    format: str | None = None,
    horizontal: bool = False,
) -> Digraph:
    """Draw a flow and return the picture; write it to a file, or open it unless a notebook shows it anyway.

    Args:
        flow: The flow.
        flow_state: Final state of a run: nodes get the colour of their state, mapped tasks one node for each child.
        filename: File to write, to which Graphviz adds the format as extension.
        format: Format of the file; pdf by default.
        horizontal: Draw from left to right.

    Raises:
        ImportError: The ``viz`` extra is not installed.
        graphviz.ExecutableNotFound: Graphviz itself is not installed.

    Source:
        core.md §2.7.
    """
    graphviz = import_extra("graphviz", package="graphviz", extra="viz", purpose="Drawing a flow")
    drawing = _Drawing(flow, flow_state)
    graph: Digraph = graphviz.Digraph(graph_attr={"rankdir": "LR"} if horizontal else None)
    for task in flow.slugs:
        for node in drawing.nodes_of(task):
            graph.node(node, drawing.label_of(task), **drawing.looks_of(task, node))
    for edge in drawing.edges():
        for tail, head in drawing.lines_of(edge):
            style = {"style": "dashed"} if edge.mapped else {}
            graph.edge(tail, head, edge.key, **style)

    if filename is not None:
        graph.render(filename, format=format, view=False, cleanup=True)
    elif not _in_notebook():
        _open(graph, format)
    return graph


class _Drawing:
    """The nodes and lines of a flow: one node for each task, or for each child of a task that was mapped."""

    def __init__(self, flow: Flow, flow_state: State | None) -> None:
        self._flow = flow
        self._coloured = flow_state is not None
        result = getattr(flow_state, "result", None)
        self._states: dict[Task, State] = result if isinstance(result, dict) else {}
        self._place = {task: number for number, task in enumerate(flow.slugs)}
        self._mapped = {edge.downstream_task for edge in flow.edges if edge.mapped}
        self._nodes = {task: self._names(task) for task in flow.slugs}

    def _names(self, task: Task) -> dict[str, State | None]:
        children = self._children(task)
        if children is None:
            return {str(id(task)): self._states.get(task)}
        return {f"{id(task)}-{number}": state for number, state in enumerate(children)}

    def _children(self, task: Task) -> list[State | None] | None:
        state = self._states.get(task)
        if task not in self._mapped or state is None or not state.is_mapped():
            return None
        children: list[State | None] = list(state.map_states)  # type: ignore[attr-defined]  # it is a Mapped
        return children

    def nodes_of(self, task: Task) -> dict[str, State | None]:
        """Node → state of what it stands for."""
        return self._nodes[task]

    def label_of(self, task: Task) -> str:
        """The name, in quotes and backslashes that Graphviz shows instead of obeying them."""
        from graphviz import escape

        label: str = escape(f"{task.name} <map>" if task in self._mapped else task.name)
        return label

    def looks_of(self, task: Task, node: str) -> dict[str, str]:
        """Attributes of a node."""
        shape = {"shape": "box" if task in self._mapped else "ellipse"}
        if not self._coloured:
            return shape
        state = self._nodes[task][node]
        color = (_UNKNOWN_COLOR if state is None else state.color) + _ALPHA
        return {**shape, "style": "filled", "colorscheme": "svg", "color": color}

    def edges(self) -> list[Edge]:
        """All edges in an order that does not change from run to run."""
        place = self._place
        return sorted(
            self._flow.edges, key=lambda e: (place[e.upstream_task], place[e.downstream_task], e.key or "", e.mapped)
        )

    def lines_of(self, edge: Edge) -> Iterator[tuple[str, str]]:
        """The lines to draw for an edge: from child to child where both ends are mapped, else from all to all."""
        tails, heads = list(self._nodes[edge.upstream_task]), list(self._nodes[edge.downstream_task])
        both_mapped = None not in (self._children(edge.upstream_task), self._children(edge.downstream_task))
        if edge.mapped and both_mapped:
            if edge.flattened:
                tails = list(self._once_for_each_element(edge.upstream_task))
            yield from zip(tails, heads)
        else:
            yield from ((tail, head) for tail in tails for head in heads)

    def _once_for_each_element(self, task: Task) -> Iterator[str]:
        for node, state in self._nodes[task].items():
            value: Any = None if state is None else state.result
            yield from [node] * (len(value) if hasattr(value, "__getitem__") and hasattr(value, "__len__") else 1)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


def _open(graph: Any, format: str | None) -> None:
    import os
    import tempfile

    descriptor, path = tempfile.mkstemp(prefix="flow-")
    os.close(descriptor)
    try:
        graph.render(path, format=format, view=True)
    finally:
        # The source; the picture next to it has to outlive this process, since a viewer is still opening it.
        os.unlink(path)
