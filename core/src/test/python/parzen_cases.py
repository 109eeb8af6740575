"""Golden cases of Parzen estimators, made by Optuna itself (run with 4.5.0 and with 5.0.0).

    python -m venv /tmp/optuna && /tmp/optuna/bin/pip install optuna==5.0.0 numpy
    /tmp/optuna/bin/python parzen_cases.py ../resources/golden/parzen [seed [cases]]

Without a seed the few named cases; with one that many random ones, to try with -Dgolden.dir.
"""
import inspect
import json
import os
import sys

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe import parzen_estimator as pe
from optuna.samplers._tpe.sampler import default_gamma, default_weights

MAJOR = optuna.__version__.split(".")[0]


def draw(random, distribution, count):
    if isinstance(distribution, CategoricalDistribution):
        return random.integers(0, len(distribution.choices), count).astype(float)
    low, high = distribution.low, distribution.high
    if isinstance(distribution, IntDistribution):
        if distribution.log:
            return np.clip(np.round(np.exp(random.uniform(np.log(low - 0.5), np.log(high + 0.5), count))), low, high)
        return low + distribution.step * random.integers(0, (high - low) // distribution.step + 1, count).astype(float)
    if distribution.log:
        return np.exp(random.uniform(np.log(low), np.log(high), count))
    if distribution.step is not None:
        return np.clip(low + distribution.step * random.integers(0, round((high - low) / distribution.step) + 1, count), low, high)
    return random.uniform(low, high, count)


def case(folder, name, space, observations, points, multivariate):
    settings = dict(prior_weight=1.0, consider_magic_clip=True, consider_endpoints=False, weights=default_weights, multivariate=multivariate)
    if "categorical_distance_func" in pe._ParzenEstimatorParameters._fields:
        settings["categorical_distance_func"] = {}
    settings = {key: settings[key] for key in pe._ParzenEstimatorParameters._fields}
    estimator = pe._ParzenEstimator({key: observations[:, i] for i, key in enumerate(space)}, space, pe._ParzenEstimatorParameters(**settings))
    log_pdf = estimator.log_pdf({key: points[:, i] for i, key in enumerate(space)})
    arrays = {"observations": observations, "points": points, "log_pdf": log_pdf, "weights": np.asarray(default_weights(len(observations)), dtype=np.float64)}
    parameters = []
    for key, d in space.items():
        categorical = isinstance(d, CategoricalDistribution)
        parameters.append({"name": key, "type": type(d).__name__, "low": None if categorical else d.low, "high": None if categorical else d.high,
                           "step": None if categorical else d.step, "log": None if categorical else d.log, "choices": len(d.choices) if categorical else None})
    where = os.path.join(folder, f"v{MAJOR}_{name}")
    os.makedirs(where, exist_ok=True)
    described = {}
    for key, array in arrays.items():
        array.astype("<f8").tofile(os.path.join(where, key + ".f64"))
        described[key] = {"file": key + ".f64", "dtype": "float64", "shape": list(array.shape)}
    with open(os.path.join(where, "case.json"), "w") as out:
        json.dump({"method": "parzen", "parameters": parameters, "multivariate": multivariate, "n_observations": len(observations),
                   "gamma_25": default_gamma(25), "gamma_n": default_gamma(max(1, len(observations))),
                   "reference": f"optuna {optuna.__version__} _ParzenEstimator.log_pdf; categorical values are choice indices", "arrays": described}, out, indent=1)


def drawn(folder, name, space, count, multivariate, seed, tied=False):
    random = np.random.default_rng(seed)
    observations = np.stack([draw(random, d, count) for d in space.values()], axis=1)
    if tied:
        observations = observations[random.integers(0, max(1, count // 3), count)]
    points = np.stack([draw(random, d, 64) for d in space.values()], axis=1)
    case(folder, name, space, observations, points, multivariate)


def named(folder):
    drawn(folder, "log_int_uni", {"n": IntDistribution(1, 64, log=True)}, 40, False, 1)
    drawn(folder, "int_step_uni", {"n": IntDistribution(-4, 20, step=3)}, 60, False, 2)
    drawn(folder, "one_observation", {"x": FloatDistribution(-1, 3), "b": IntDistribution(2, 8)}, 1, True, 3)
    drawn(folder, "tied_floats_uni", {"x": FloatDistribution(0, 1)}, 30, False, 4, tied=True)
    drawn(folder, "all_kinds_multi", {"x": FloatDistribution(1e-3, 10, log=True), "n": IntDistribution(1, 9, log=True), "s": FloatDistribution(0, 1, step=0.125),
                                      "c": CategoricalDistribution(list("abcde")), "b": IntDistribution(0, 5)}, 90, True, 5)
    drawn(folder, "float_uni_300", {"x": FloatDistribution(0, 1)}, 300, False, 6)


def any_distribution(random):
    kind = random.integers(0, 6)
    low = round(float(random.uniform(-5, 5)), 3)
    if kind == 0:
        return FloatDistribution(low, low + float(random.uniform(0.01, 10)))
    if kind == 1:
        low = float(10 ** random.uniform(-8, 2))
        return FloatDistribution(low, low * float(random.uniform(1.5, 1e6)), log=True)
    if kind == 2:
        step = float(random.choice([0.5, 0.1, 0.025, 0.3]))
        return FloatDistribution(low, low + step * int(random.integers(1, 30)), step=step)
    if kind == 3:
        low = int(random.integers(-10, 10))
        step = int(random.integers(1, 4))
        return IntDistribution(low, low + step * int(random.integers(1, 40)), step=step)
    if kind == 4:
        low = int(random.integers(1, 10))
        return IntDistribution(low, low + int(random.integers(1, 300)), log=True)
    return CategoricalDistribution(list(range(int(random.integers(2, 7)))))


def main(folder, seed=None, cases=60):
    if seed is None:
        return named(folder)
    random = np.random.default_rng(int(seed))
    for i in range(int(cases)):
        multivariate = bool(random.integers(0, 2))
        space = {f"p{k}": any_distribution(random) for k in range(int(random.integers(1, 12)) if multivariate else 1)}
        count = int(random.choice([0, 1, 2, 3, 5, 8, 20, 24, 25, 26, 27, 50, 100, 200, 255]))
        drawn(folder, f"random_{seed}_{i}", space, count, multivariate, [int(seed), i], tied=random.random() < 0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
