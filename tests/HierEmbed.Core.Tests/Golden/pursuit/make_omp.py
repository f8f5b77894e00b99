"""Makes omp.npz with scikit-learn's orthogonal_mp_gram: /usr/bin/python3 make_omp.py (NumPy 1.24, scikit-learn 1.2)."""
import pathlib

import numpy as np
from sklearn.linear_model import orthogonal_mp_gram

HERE = pathlib.Path(__file__).parent
DIMS, LATENTS, ROWS = 24, 60, 40
rng = np.random.default_rng(5)
# Atoms that overlap, as those of a trained dictionary do, and a mean.
atoms = rng.standard_normal((LATENTS, DIMS)) + 0.7 * rng.standard_normal((1, DIMS))
atoms = (atoms / np.linalg.norm(atoms, axis=1, keepdims=True)).astype("f4")
mean = (0.1 * rng.standard_normal(DIMS)).astype("f4")
rows = rng.standard_normal((ROWS, DIMS))
rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("f4")
gram = atoms.astype("f8") @ atoms.astype("f8").T
products = atoms.astype("f8") @ (rows.astype("f8") - mean.astype("f8")).T
out = {"atoms": atoms, "mean": mean, "rows": rows}
for k in (1, 4, 12, 16):
    out[f"codes{k}"] = np.ascontiguousarray(orthogonal_mp_gram(gram, products, n_nonzero_coefs=k).T.astype("f8"))
np.savez_compressed(HERE / "omp.npz", **out)
