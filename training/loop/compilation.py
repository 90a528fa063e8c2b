"""Compiled networks: how they are made, and how many graphs came of it.

A graph is compiled for every shape and mode that a network meets, and takes as long as hundreds of
steps; a run that meets new ones all along never gets fast.
"""

import torch
from torch import nn

MAX_GRAPHS = 4


def compile_network(network: nn.Module) -> None:
    """Compile what the network does, graph by graph as it meets new shapes.

    On a CPU, for rehearsals: the same graphs, run as they are.
    """
    # of all stages of a process: past its limit torch compiles no more, and says so in a warning
    torch._dynamo.config.recompile_limit = 64
    on_cpu = next(network.parameters()).device.type == "cpu"
    network.compile(dynamic=False, backend="aot_eager" if on_cpu else "inductor")


def count_graphs() -> int:
    """Graphs compiled by this process so far."""
    from torch._dynamo.utils import counters  # seconds to import, for runs that compile

    return int(counters["stats"]["unique_graphs"])


def check_graphs(name: str, before: int) -> None:
    """Refuse to go on where a run compiles more graphs than its terms can need.

    Raises:
        ValueError: since `before` graphs, more than four were compiled.
    """
    if (count := count_graphs() - before) > MAX_GRAPHS:
        raise ValueError(
            f"run {name} was compiled into {count} graphs, more than {MAX_GRAPHS}: its batches "
            f"change their shape; fix the shares of its terms, or set compiled=false"
        )
