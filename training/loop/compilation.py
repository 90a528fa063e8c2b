"""Compilation of networks by `torch.compile`, and a limit on the number of graphs.

torch compiles a graph for every new shape and mode, in the time of hundreds of steps. A run whose
shapes keep changing never gets fast.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

MAX_GRAPHS = 4  # of a run; the shipped recipes need one and three


def compile_network(network: nn.Module) -> None:
    """Compile a network in place; graphs are made when it first meets their shapes.

    On a CPU, as in rehearsals, the graphs are traced but run without code generation. Under
    `torch.func.jvp` the network runs as it is, since torch does not compile that.
    """
    # for all stages of a process; past its limit torch stops compiling, with only a warning
    torch._dynamo.config.recompile_limit = 64
    on_cpu = next(network.parameters()).device.type == "cpu"
    network.compile(dynamic=False, backend="aot_eager" if on_cpu else "inductor")
    compiled: Callable[..., Any] | None = network._compiled_call_impl
    plain: Callable[..., Any] = network._call_impl
    assert compiled is not None

    def call(*inputs: Any, **named: Any) -> Any:
        # torch 2.14 cannot compile under a directional derivative, and would mark the network as
        # one that is never to be compiled
        deriving = torch._C._functorch.peek_interpreter_stack() is not None
        return (plain if deriving else compiled)(*inputs, **named)

    network._compiled_call_impl = call


def count_graphs() -> int:
    """Graphs compiled by this process so far."""
    from torch._dynamo.utils import counters  # takes seconds to import

    return int(counters["stats"]["unique_graphs"])


def check_graphs(name: str, before: int) -> None:
    """Stop a run that compiles more graphs than its terms can need.

    Raises:
        ValueError: more than `MAX_GRAPHS` were compiled since the count was `before`.
    """
    if (count := count_graphs() - before) > MAX_GRAPHS:
        raise ValueError(
            f"run {name} must compile at most {MAX_GRAPHS} graphs, got {count}; fix the shares of "
            "its terms, or set compiled=false"
        )
