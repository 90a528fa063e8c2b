from pathlib import Path

import pytest
from tts.training.acoustic.objectives import OBJECTIVES, TEACHERS, Objective

from tests.training.acoustic.objectives.curved import curved_draw


@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_objective_is_under_the_name_of_its_formula(name):
    assert OBJECTIVES[name].formula.__name__ == name
    assert OBJECTIVES[name].formula.__doc__


def test_refused_teachers_have_a_reason():
    for objective in OBJECTIVES.values():
        assert objective.teachers
        assert objective.teachers | set(objective.refusals) == set(TEACHERS)
        assert all(len(reason.split()) > 4 for reason in objective.refusals.values())


SELF_TAUGHT = ("semigroup", "shortcut", "lagrangian", "eulerian_self_distillation", "mean_flow")


@pytest.mark.parametrize("name", SELF_TAUGHT)
def test_a_map_that_teaches_itself_needs_a_diagonal_term(name):
    assert "student" in OBJECTIVES[name].teachers
    assert not {"student", "average"} & OBJECTIVES[name].alone


def test_a_velocity_that_is_given_needs_none():
    assert OBJECTIVES["mean_flow"].alone == {"path", "frozen", "autoguided", "guided"}
    assert OBJECTIVES["lagrangian_distillation"].alone == {"frozen", "autoguided", "guided"}
    assert {name for name, objective in OBJECTIVES.items() if objective.diagonal} == {
        "flow_matching",
        "boundary",
    }


def test_costs_are_those_of_the_literature():
    """Forward-pass equivalents as counted in S. Dieleman's survey of flow maps."""
    expected = {
        ("flow_matching", "student"): 3,
        ("boundary", "frozen"): 4,
        ("semigroup", "student"): 5,
        ("lagrangian_distillation", "frozen"): 9,
        ("eulerian", "frozen"): 7,
        ("mean_flow", "path"): 4,
        ("improved_mean_flow", "path"): 5,
        ("align_your_flow", "autoguided"): 6,
        ("flow_map_matching", "path"): 9,
        ("progressive", "frozen"): 5,
        ("consistency_training", "path"): 4,
    }
    assert {key: OBJECTIVES[key[0]].cost(key[1]) for key in expected} == expected


def test_an_objective_refuses_teachers_it_does_not_know():
    formula = OBJECTIVES["boundary"].formula
    with pytest.raises(ValueError, match="teachers must be some of student, average"):
        Objective(formula=formula, passes=3, refusals={"headmaster": "there is none"})
    with pytest.raises(ValueError, match="a refused teacher cannot be enough alone"):
        Objective(formula=formula, passes=3, refusals={"path": "no"}, alone=frozenset({"path"}))


def test_frames_of_zeros_are_padding():
    draw = curved_draw()
    draw.data[0, 2:] = 0
    assert draw.real[0, :, 0].tolist() == [True, True] + [False] * 5
    assert draw.real[1:].all()


def rows_of(heading):
    """The cells of the table below a heading of the page of objectives."""
    text = (Path(__file__).parents[4] / "docs" / "objectives.md").read_text(encoding="utf-8")
    table = text.split(f"## {heading}")[1].split("\n\n|")[1].split("\n\n")[0]
    return [[cell.strip() for cell in row.split(" | ")] for row in table.split("\n|")[2:]]


def names_of(cell):
    return [name.strip("`|, ") for name in cell.split(",")]


def test_the_page_has_every_objective_with_its_cost_and_teachers():
    rows = {names_of(row[0])[0]: row for row in rows_of("All objectives")}
    assert list(rows) == list(OBJECTIVES)
    for name, objective in OBJECTIVES.items():
        costs = sorted(objective.cost(teacher) for teacher in objective.teachers)
        assert [int(c) for c in rows[name][3].split(" to ")] == sorted({costs[0], costs[-1]})
        assert set(names_of(rows[name][4])) == objective.teachers


def test_the_page_has_every_refusal_with_its_reason():
    found = {
        (names_of(name)[0], teacher): reason.removesuffix(" |")
        for name, teachers, reason in rows_of("Combinations that cannot work")
        for teacher in names_of(teachers)
    }
    assert found == {
        (name, teacher): reason
        for name, objective in OBJECTIVES.items()
        for teacher, reason in objective.refusals.items()
    }
