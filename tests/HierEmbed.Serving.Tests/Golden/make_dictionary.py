"""Makes a small dictionary for encoder-a.onnx and what NumPy computes with it from expected.json.

    python3 make_dictionary.py          (NumPy 1.24)

dictionary-a.npz: atoms [16, 8], not of unit length, and mean [8].
dictionary.json, rows as in expected.json:
  queries [5, 16]     products of each row, brought to unit length, with the atoms of unit length
  means [5, 1]        its product with the mean
  pursuit [5, 17]     orthogonal matching pursuit of row - mean with 3 atoms of unit length, by exhaustive least squares at each step; then |x^|
  decoded2, decoded4 [5, 5]   cosine of what the encoder's codes of 2 and 4 components rebuild, mean included, all rows with all
"""
import json
from pathlib import Path

import numpy as np

here = Path(__file__).parent
expected = json.loads((here / "expected.json").read_text())
rows = np.array(expected["rows"])
pre = np.array(expected["a"])
rng = np.random.default_rng(20240615)
atoms = (rng.standard_normal((16, 8)) * 0.4).astype(np.float32)
mean = (rng.standard_normal(8) * 0.1).astype(np.float32)
np.savez(here / "dictionary-a.npz", atoms=atoms, mean=mean)

x = rows / np.linalg.norm(rows, axis=1, keepdims=True)
unit = atoms.astype(float) / np.linalg.norm(atoms.astype(float), axis=1, keepdims=True)
m = mean.astype(float)


def pursue(row, k):
    residual, chosen, values = row - m, [], np.zeros(0)
    for _ in range(k):
        chosen.append(int(np.argmax(np.abs(unit @ residual))))
        values = np.linalg.lstsq(unit[chosen].T, row - m, rcond=None)[0]
        residual = row - m - values @ unit[chosen]
    code = np.zeros(16)
    code[chosen] = values
    return [*code, np.linalg.norm(m + code @ unit)]


def decoded(k):
    codes = np.zeros_like(pre)
    for row, a in enumerate(pre):
        kept = [i for i in np.argsort(-a, kind="stable")[:k] if a[i] > 0]
        codes[row, kept] = a[kept]
    rebuilt = m + codes @ atoms.astype(float)
    rebuilt /= np.linalg.norm(rebuilt, axis=1, keepdims=True)
    return rebuilt @ rebuilt.T


found = {
    "queries": x @ unit.T, "means": (x @ m)[:, None], "pursuit": np.array([pursue(row, 3) for row in x]),
    "decoded2": decoded(2), "decoded4": decoded(4),
}
(here / "dictionary.json").write_text(json.dumps({name: value.astype(np.float32).tolist() for name, value in found.items()}, indent=1) + "\n")
