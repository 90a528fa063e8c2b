"""python -m benchmarks.objectives.toys: each recipe of a flow map trains a small network towards a
map that is known.

The targets are Gaussian mixtures of one and of two dimensions (`targets`). A network first learns
the velocity by flow matching; each recipe then trains it for as many steps. The frozen teacher has
the exact velocity, so the errors are those of the recipe and of the network alone. A run that was
stopped goes on.
"""

import json
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Generator, Tensor, nn
from tts.training.acoustic.objectives import OBJECTIVES
from tts.training.acoustic.objectives.mean_flow import DataPrediction
from tts.training.acoustic.terms import Term, TrainingStep, flow_map_loss
from tts.training.acoustic.weighting import LEARNED, Uncertainty
from tts.training.recipes import make_run
from tts.training.recipes.flow_maps import FLOW_MAPS

from tts.acoustic.flow import FlowMap
from tts.files import write_json_file

from .document import DOCS, replace_part
from .targets import TARGETS, Mixture

RESULTS = Path(__file__).parents[1] / "results" / "objective-toys.json"
STEPS, ITEMS, POINTS, WIDTH, RATE, AVERAGE = 400, 32, 12, 48, 4e-3, 0.98
SAMPLES = 4096
GUIDED = ("mean_flow_guided", "improved_mean_flow")  # here without guidance
RECIPES = (
    "flow_matching", "split_mean_flow", "endpoint", *(r.__name__ for r in FLOW_MAPS), *GUIDED,
)  # fmt: skip
# Recipes that train some jumps only: to the data, or from noise to data. Their error elsewhere
# says nothing.
TO_DATA = ("consistency_distillation", "consistency_training", "endpoint", "drifting")


class Network(nn.Module):
    """Three layers over the state, the time s and the length t - s.

    The weights of the length start at zero, as those of the mel decoder: a flow map begins as the
    velocity that it starts from.
    """

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(dimensions + 2, WIDTH), nn.SiLU(),
            nn.Linear(WIDTH, WIDTH), nn.SiLU(),
            nn.Linear(WIDTH, WIDTH), nn.SiLU(),
            nn.Linear(WIDTH, dimensions),
        )  # fmt: skip
        nn.init.zeros_(self.layers[0].weight[:, -1])

    def forward(self, x: Tensor, s: Tensor, t: Tensor) -> Tensor:
        times = torch.stack([s, t - s], dim=1)[:, None].expand(-1, x.shape[1], -1)
        return self.layers(torch.cat([x, times], dim=2))


@dataclass(frozen=True)
class ToyResult:
    """How near a recipe came to the known map.

    Args:
        recipe: its name.
        target: `line` or `plane`.
        velocity: root mean square error of u over all jumps; None where the recipe trains few.
        jump: root mean square distance of X(noise, 0, 1) from the exact map at the same noise.
        distance: sliced Wasserstein-1 distance of one-step samples from as many of the data.
        passes: forward-pass equivalents of one item.
        seconds: processor time.
    """

    recipe: str
    target: str
    velocity: float | None
    jump: float
    distance: float
    passes: float
    seconds: float


def train(
    target: Mixture, terms: Sequence[Term], network: Network, steps: int = STEPS
) -> tuple[Network, FlowMap]:
    """Train a network by the terms of a recipe.

    Returns:
        The network and the flow map of the average of its weights.
    """
    torch.manual_seed(0)
    kind = DataPrediction if any(term.objective == "pmf" for term in terms) else FlowMap
    network, average = deepcopy(network), deepcopy(network).requires_grad_(False)
    learned = {t.objective: Uncertainty() for t in terms if t.weighting == LEARNED}
    weights = [*network.parameters(), *(w for net in learned.values() for w in net.parameters())]
    optimizer = torch.optim.Adam(weights, RATE, betas=(0.9, 0.98))
    generator, mask = Generator().manual_seed(0), torch.ones(ITEMS, POINTS, dtype=torch.bool)
    # the autoguided teacher is the frozen one, as guidance changes the target
    exact = target.teacher()
    maps = {"student": kind(network), "average": kind(average)}
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * min(1, 2 * (1 - step / steps))
        lesson = TrainingStep(terms, generator, step / steps, uncertainties=learned)
        data = target.sample((ITEMS, POINTS), generator)
        parts = flow_map_loss(lesson, lambda name, _: maps.get(name, exact), data, mask)
        optimizer.zero_grad()
        torch.autograd.backward(torch.stack([p for p in parts.values() if p.requires_grad]).sum())
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        decay = min(AVERAGE, (step + 1) / (step + 10))
        torch._foreach_lerp_([*average.parameters()], [*network.parameters()], 1 - decay)
    return network, kind(average)


@cache
def start(target: str, data_prediction: bool, steps: int = STEPS) -> Network:
    """A network that has learned the velocity by flow matching."""
    torch.manual_seed(0)
    network = Network(TARGETS[target].dimensions)
    matching = [Term(objective="flow_matching", times="diagonal")]
    if data_prediction:
        matching = [Term(objective="pmf", times="uniform_diagonal", teacher="path")]
    return train(TARGETS[target], matching, network, steps)[0]


def measure(recipe: str, target: str, steps: int = STEPS) -> ToyResult:
    """Train one recipe on one target, and compare its map with the exact one."""
    terms = [term for term in make_run(recipe).terms if term.takes_part]
    begin = start(target, recipe == "pmf", steps)
    clock = time.process_time()
    _, student = train(TARGETS[target], terms, begin, steps)
    seconds = time.process_time() - clock
    shares = [term.share.at(1.0) for term in terms]
    costs = [OBJECTIVES[term.objective].cost(term.teacher) for term in terms]
    passes = sum(a * b for a, b in zip(shares, costs, strict=True)) / sum(shares)
    return ToyResult(recipe, target, *errors(student, target, recipe), passes, seconds)


@torch.no_grad()
def errors(student: FlowMap, name: str, recipe: str) -> tuple[float | None, float, float]:
    """The errors of u over all jumps, of the whole jump, and of its distribution."""
    target, generator = TARGETS[name], Generator().manual_seed(1)
    noise = torch.randn(SAMPLES, 1, target.dimensions, generator=generator)
    zero = torch.zeros(SAMPLES)
    made, right = student.sample(noise, 1), target.exact(noise, zero, zero + 1)
    data = target.sample((SAMPLES, 1), generator)
    distance = sliced_wasserstein(made[:, 0], data[:, 0])
    if recipe in TO_DATA:
        return None, root_mean_square(made - right), distance
    s, t = torch.rand(2, SAMPLES, generator=generator).sort(dim=0).values
    x = torch.lerp(noise, data, s[:, None, None])
    long = (t - s) > 1e-2
    x, s, t = x[long], s[long], t[long]
    off = student.average_velocity(x, s, t) - target.average_velocity(x, s, t)
    return root_mean_square(off), root_mean_square(made - right), distance


def root_mean_square(values: Tensor) -> float:
    return values.square().mean().sqrt().item()


def sliced_wasserstein(a: Tensor, b: Tensor, directions: int = 32) -> float:
    """The mean over directions of the Wasserstein-1 distance of two sets of points of one size."""
    angles = torch.linspace(0, torch.pi, directions + 1)[:-1]
    lines = torch.stack([angles.cos(), angles.sin()])[: a.shape[1]]
    lines = lines if a.shape[1] > 1 else torch.ones(1, 1)
    return (a @ lines).sort(dim=0).values.sub((b @ lines).sort(dim=0).values).abs().mean().item()


def table(results: Sequence[ToyResult]) -> str:
    """A Markdown table, a row for each recipe."""
    rows = [
        "| Recipe | Cost | u, line | u, plane | Jump, line | Jump, plane | W1, line | W1, plane |",
        "|---|---|---|---|---|---|---|---|",
    ]
    found = {(result.recipe, result.target): result for result in results}
    for recipe in dict.fromkeys(result.recipe for result in results):
        pair = [found[recipe, target] for target in TARGETS if (recipe, target) in found]
        cells = [
            "" if value is None else f"{value:.3f}"
            for part in ("velocity", "jump", "distance")
            for value in (getattr(result, part) for result in pair)
        ]
        rows.append(f"| `{recipe}` | {pair[0].passes:.2g} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main(
    out: Annotated[Path, typer.Option(help="File of the results (JSON).")] = RESULTS,
    steps: Annotated[int, typer.Option(help="Updates of each recipe.", min=1)] = STEPS,
) -> None:
    """Train each recipe on each target, write the errors, and print a table.

    Without --out the table of the documentation is replaced, too.
    """
    torch.set_num_threads(1)
    rows = json.loads(out.read_text(encoding="utf-8"))["results"] if out.exists() else []
    done = {(row["recipe"], row["target"]) for row in rows}
    for target in TARGETS:
        for recipe in RECIPES:
            if (recipe, target) not in done:
                rows.append(asdict(measure(recipe, target, steps)))
                write_json_file(out, {"steps": steps, "seeds": 1, "results": rows})
    order = sorted(rows, key=lambda row: RECIPES.index(row["recipe"]))
    made = table([ToyResult(**row) for row in order])
    if out == RESULTS:
        replace_part(DOCS, "toys", made)
    typer.echo(made)


if __name__ == "__main__":
    typer.run(main)
