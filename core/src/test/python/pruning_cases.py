"""Golden cases of pruning and cache quantization in PyTorch, line by line as the originals compute them.

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch numpy
    /tmp/torch/bin/python pruning_cases.py ../resources/golden [seed cases]

Without a seed the few committed cases of scores (RIA, log-norm, magnitude); with one that many random ones of every method, to
try with -Dgolden.dir.
"""
import json
import os
import sys

import numpy as np
import torch

ENDS = {"float32": "f32", "float64": "f64", "int32": "i32", "uint8": "u8"}


def write(folder, method, name, parameters, arrays, reference):
    where = os.path.join(folder, method, name)
    os.makedirs(where, exist_ok=True)
    described = {}
    for key, array in arrays.items():
        array = array.numpy() if isinstance(array, torch.Tensor) else array
        array = np.ascontiguousarray(array.astype(np.uint8) if array.dtype == bool else array)
        file = f"{key}.{ENDS[str(array.dtype)]}"
        array.tofile(os.path.join(where, file))
        described[key] = {"file": file, "dtype": str(array.dtype), "shape": list(array.shape)}
    with open(os.path.join(where, "case.json"), "w") as out:
        json.dump({"method": method, **parameters, "reference": reference, "arrays": described}, out, indent=1)


def weight_of(random, rows, columns, kind):
    w = torch.tensor(random.normal(size=(rows, columns)), dtype=torch.float32)
    if kind == "ties":
        w = torch.round(w * 2) / 2
    if kind == "outlier":
        w[:, random.integers(0, columns)] *= 30
    return w


def inputs_of(random, sequences, tokens, features, dead):
    x = torch.tensor(random.normal(size=(sequences, tokens, features)) * np.exp(random.normal(size=features)), dtype=torch.float32)
    for j in dead:
        x[:, :, j] = 0
    return x


def wanda_norms(inputs):
    """WrappedGPT.add_batch, one sequence at a time."""
    scaler_row = torch.zeros(inputs.shape[2])
    nsamples = 0
    for inp in inputs:
        inp = inp.unsqueeze(0).reshape((-1, inp.shape[-1])).t()
        scaler_row *= nsamples / (nsamples + 1)
        nsamples += 1
        scaler_row += torch.norm(inp, p=2, dim=1) ** 2 / nsamples
    return scaler_row


def select(metric, sparsity, zeros, block):
    mask = torch.zeros_like(metric) == 1
    if zeros is not None:
        for ii in range(0, metric.shape[1], block):
            tmp = metric[:, ii:ii + block].float()
            mask.scatter_(1, ii + torch.topk(tmp, min(zeros, tmp.shape[1]), dim=1, largest=False)[1], True)
    else:
        order = torch.sort(metric, dim=-1, stable=True)[1]
        mask.scatter_(1, order[:, :int(metric.shape[1] * sparsity)], True)
    return mask


def scores(method, w, m):
    a = torch.abs(w)
    if method == "magnitude":
        return a
    if method == "wanda":
        return a * torch.sqrt(m.reshape((1, -1)))
    if method == "ria":
        return (a / torch.sum(a, dim=0) + a / torch.sum(a, dim=1).reshape(-1, 1)) * torch.sqrt(m.reshape((1, -1))) ** 0.5
    return torch.log1p(a / torch.norm(w, dim=1, keepdim=True) + a / torch.norm(w, dim=0, keepdim=True)) * m.reshape((1, -1)) ** 0.25


def sparsegpt(w, inputs, sparsity, zeros, block, column_block, damping):
    """SparseGPT.add_batch and fasterprune."""
    w = w.clone()
    h = torch.zeros((w.shape[1], w.shape[1]))
    nsamples = 0
    for inp in inputs:
        h *= nsamples / (nsamples + 1)
        nsamples += 1
        x = np.sqrt(2 / nsamples).astype(np.float32) * inp.t()
        h += x.matmul(x.t())
    hessian = h.clone()
    dead = torch.diag(h) == 0
    h[dead, dead] = 1
    w[:, dead] = 0
    damp = damping * torch.mean(torch.diag(h))
    diag = torch.arange(w.shape[1])
    h[diag, diag] += damp
    h = torch.linalg.cholesky(h)
    h = torch.cholesky_inverse(h)
    hinv = torch.linalg.cholesky(h, upper=True)
    for i1 in range(0, w.shape[1], column_block):
        i2 = min(i1 + column_block, w.shape[1])
        w1 = w[:, i1:i2].clone()
        q1 = torch.zeros_like(w1)
        err1 = torch.zeros_like(w1)
        hinv1 = hinv[i1:i2, i1:i2]
        if zeros is None:
            tmp = w1 ** 2 / (torch.diag(hinv1).reshape((1, -1))) ** 2
            thresh = torch.sort(tmp.flatten())[0][int(tmp.numel() * sparsity)]
            mask1 = tmp <= thresh
        else:
            mask1 = torch.zeros_like(w1) == 1
        for i in range(i2 - i1):
            column = w1[:, i]
            d = hinv1[i, i]
            if zeros is not None and i % block == 0:
                tmp = w1[:, i:i + block] ** 2 / (torch.diag(hinv1)[i:i + block].reshape((1, -1))) ** 2
                mask1.scatter_(1, i + torch.topk(tmp, min(zeros, tmp.shape[1]), dim=1, largest=False)[1], True)
            q = column.clone()
            q[mask1[:, i]] = 0
            q1[:, i] = q
            err = (column - q) / d
            w1[:, i:] -= err.unsqueeze(1).matmul(hinv1[i, i:].unsqueeze(0))
            err1[:, i] = err
        w[:, i1:i2] = q1
        w[:, i2:] -= err1.matmul(hinv[i1:i2, i2:])
    return hessian, w


def kivi(x, bits, group, dim):
    """(batch, heads, tokens, channels) in groups along a dimension: codes, scale, minimum."""
    shape = x.shape
    split = x.reshape(*shape[:dim], shape[dim] // group, group, *shape[dim + 1:])
    mn = split.amin(dim=dim + 1, keepdim=True)
    mx = split.amax(dim=dim + 1, keepdim=True)
    scale = (mx - mn) / (2 ** bits - 1)
    codes = torch.round(((split - mn) / scale).clamp(0, 2 ** bits - 1)).to(torch.int32)
    return codes.reshape(shape), scale, mn


def owl(metric, sparsity, multiple, lambda_):
    """check_outlier_mean and what it does with the ratios."""
    percent = np.array([float(torch.sum(layer > torch.mean(layer) * multiple)) / layer.numel() * 100 for layer in metric])
    ratio = (percent - percent.min()) * (1 / (percent.max() - percent.min()) * lambda_ * 2)
    return percent, 1 - (ratio - np.mean(ratio) + (1 - sparsity))


def score_case(folder, name, random, method, rows, columns, kind, sparsity, zeros, block, dead=()):
    w = weight_of(random, rows, columns, kind)
    m = wanda_norms(inputs_of(random, 4, 9, columns, dead))
    s = scores(method, w, m)
    if method == "magnitude" and zeros is None:
        pruned = s <= torch.sort(s.flatten())[0][int(s.numel() * sparsity)]
    else:
        pruned = select(s, sparsity, zeros, block)
    write(folder, "scores", name, {"score": method, "sparsity": sparsity, "zeros_per_block": zeros, "block_size": block},
          {"weight": w, "mean_square_norm": m, "scores": s, "pruned": pruned}, "score and selection of the original, in PyTorch " + torch.__version__)


def named(folder):
    random = np.random.default_rng(3)
    score_case(folder, "magnitude_50", random, "magnitude", 9, 21, "plain", 0.5, None, None)
    score_case(folder, "magnitude_ties_30", random, "magnitude", 8, 16, "ties", 0.3, None, None)
    score_case(folder, "ria_60", random, "ria", 14, 33, "outlier", 0.6, None, None)
    score_case(folder, "ria_2_of_4", random, "ria", 6, 24, "plain", None, 2, 4)
    score_case(folder, "wanda_ties_2_of_4", random, "wanda", 12, 32, "ties", None, 2, 4, dead=(3, 5, 6))
    score_case(folder, "wanda_ties_5_of_8", random, "wanda", 12, 30, "ties", None, 5, 8, dead=(0, 1, 2, 20))
    score_case(folder, "lognorm_70", random, "lognorm", 11, 40, "outlier", 0.7, None, None)
    score_case(folder, "lognorm_3_of_5_short_last_block", random, "lognorm", 5, 23, "plain", None, 3, 5)


def main(folder, seed=None, cases=20):
    if seed is None:
        return named(folder)
    random = np.random.default_rng(int(seed))
    for i in range(int(cases)):
        rows, columns = int(random.integers(1, 40)), int(random.integers(2, 160))
        tokens, sequences = int(random.integers(1, 80)), int(random.integers(1, 9))
        kind = str(random.choice(["plain", "ties", "outlier"]))
        dead = [int(j) for j in range(columns) if random.random() < 0.06] if random.random() < 0.5 else []
        blocks = bool(random.random() < 0.5)
        block = int(random.choice([2, 4, 5, 8, 16])) if blocks else None
        zeros = int(random.integers(1, block)) if blocks else None
        sparsity = None if blocks else float(round(random.uniform(0, 0.99), 2))
        w, x = weight_of(random, rows, columns, kind), inputs_of(random, sequences, tokens, columns, dead)
        m = wanda_norms(x)
        common = {"sparsity": sparsity, "zeros_per_block": zeros, "block_size": block}
        counts = {"sequences": sequences, "tokens_per_sequence": tokens}
        write(folder, "wanda", f"{kind}_{i}", {**common, **counts},
              {"weight": w, "inputs": x, "mean_square_norm": m, "pruned": select(scores("wanda", w, m), sparsity, zeros, block)}, "wanda")
        plain = weight_of(random, rows, columns, "plain")
        column_block = int(random.choice([16, 32, 128])) if not blocks else 80
        hessian, solved = sparsegpt(plain, x, sparsity, zeros, block, column_block, 0.01)
        write(folder, "sparsegpt", f"{i}", {**common, "column_block": column_block, "damping": 0.01, **counts},
              {"weight": plain, "inputs": x, "hessian": hessian, "pruned_weight": solved}, "sparsegpt")
        group = int(random.choice([8, 16, 32, 64]))
        bits = int(random.choice([2, 3, 4, 6, 8]))
        key, value = (torch.tensor(random.normal(size=(2, 2, group * 3, group * 2)) * np.exp(random.normal(size=group * 2)), dtype=torch.float32) for _ in range(2))
        kc, ks, km = kivi(key, bits, group, 2)
        vc, vs, vm = kivi(value, bits, group, 3)
        if i < 12:
            write(folder, "kivi", f"{i}", {"bits": bits, "group_size": group},
                  {"key": key, "value": value, "key_codes": kc, "value_codes": vc, "key_scale": ks, "key_min": km, "value_scale": vs, "value_min": vm}, "kivi")
        layers = int(random.integers(2, 40))
        metric = torch.tensor(np.abs(random.normal(size=(layers, 3000))) ** random.uniform(1, 4, size=(layers, 1)), dtype=torch.float32)
        multiple, lambda_, mean = float(random.choice([3, 5, 7])), float(random.choice([0.05, 0.08, 0.15])), float(random.choice([0.5, 0.6, 0.7]))
        percent, layer_sparsity = owl(metric, mean, multiple, lambda_)
        write(folder, "owl", f"{i}", {"sparsity": mean, "threshold_multiple": multiple, "lambda_": lambda_},
              {"metric": metric, "outlier_percent": percent, "layer_sparsity": layer_sparsity}, "owl")
        method = str(random.choice(["ria", "lognorm", "magnitude"]))
        score_case(folder, f"{method}_{i}", random, method, rows, columns, "plain", sparsity, zeros, block)


if __name__ == "__main__":
    main(*sys.argv[1:])
