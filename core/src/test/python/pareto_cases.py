"""Golden cases of several objectives, made by Optuna itself.

    python -m venv /tmp/optuna && /tmp/optuna/bin/pip install optuna==5.0.0 numpy
    /tmp/optuna/bin/python pareto_cases.py ../resources/golden/pareto
"""
import json
import os
import sys

import numpy as np
import optuna
from optuna._hypervolume import compute_hypervolume
from optuna.samplers._tpe.sampler import _get_reference_point, _split_complete_trials_multi_objective
from optuna.study._multi_objective import _fast_non_domination_rank
from optuna.trial import TrialState, create_trial


def case(folder, name, losses, size):
    losses = np.asarray(losses, dtype=np.float64)
    study = optuna.create_study(directions=["minimize"] * losses.shape[1])
    trials = [create_trial(state=TrialState.COMPLETE, values=list(map(float, row))) for row in losses]
    for number, trial in enumerate(trials):
        trial.number = number
    below, _ = _split_complete_trials_multi_objective(trials, study, size)
    good = np.zeros(len(losses), dtype=np.uint8)
    good[[trial.number for trial in below]] = 1
    reference = _get_reference_point(losses)
    arrays = {
        "losses": losses,
        "rank": _fast_non_domination_rank(losses).astype(np.int32),
        "reference_point": reference,
        "hypervolume": np.array([compute_hypervolume(losses, reference)]),
        "good": good,
    }
    where = os.path.join(folder, name)
    os.makedirs(where, exist_ok=True)
    ends = {"float64": "f64", "int32": "i32", "uint8": "u8"}
    described = {}
    for key, array in arrays.items():
        file = key + "." + ends[str(array.dtype)]
        array.astype(array.dtype.newbyteorder("<")).tofile(os.path.join(where, file))
        described[key] = {"file": file, "dtype": str(array.dtype), "shape": list(array.shape)}
    with open(os.path.join(where, "case.json"), "w") as out:
        json.dump({"method": "pareto", "good_size": size,
                   "reference": f"optuna {optuna.__version__} _split_complete_trials_multi_objective, _fast_non_domination_rank, compute_hypervolume",
                   "arrays": described}, out, indent=1)


def main(folder):
    random = np.random.default_rng(17)
    case(folder, "two_random", random.random((60, 2)), 6)
    front = np.sort(random.random(40))
    case(folder, "two_one_front", np.stack([front, front[::-1] ** 2 + 0.1], axis=1), 9)
    case(folder, "two_ties", random.integers(0, 5, (50, 2)), 12)
    case(folder, "two_few_different", random.integers(0, 2, (30, 2)) * [1, -1], 20)
    case(folder, "two_negative", -random.random((30, 2)), 4)
    case(folder, "three_random", random.random((50, 3)), 7)
    sphere = np.abs(random.normal(size=(40, 3)))
    case(folder, "three_one_front", sphere / np.linalg.norm(sphere, axis=1, keepdims=True), 11)
    case(folder, "four_random", random.random((30, 4)), 8)
    case(folder, "all_good", random.random((7, 2)), 7)
    case(folder, "infinite", np.where(random.random((20, 2)) < 0.3, np.inf, random.random((20, 2))), 9)


if __name__ == "__main__":
    main(sys.argv[1])
