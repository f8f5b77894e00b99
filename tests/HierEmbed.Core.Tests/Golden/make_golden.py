"""Makes the golden files of this folder with NumPy, SciPy and scikit-learn: /usr/bin/python3 make_golden.py (NumPy 1.24, SciPy 1.10, scikit-learn 1.2)."""
import pathlib
import pickle

import numpy as np
import scipy.sparse
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent
ROWS, DIMS = 7, 5


def ramp(dtype):
    """Value of row r, dimension d: r + d / 8, exact in every float type."""
    r, d = np.meshgrid(np.arange(ROWS), np.arange(DIMS), indexing="ij")
    return (r + d / 8 - 3).astype(dtype)


for order, mark in (("<", "le"), (">", "be")):
    for size in (2, 4, 8):
        array = ramp(f"{order}f{size}")
        np.save(HERE / f"ramp-f{size}-{mark}-c.npy", np.ascontiguousarray(array))
        np.save(HERE / f"ramp-f{size}-{mark}-fortran.npy", np.asfortranarray(array))

for version in ((2, 0), (3, 0)):
    with open(HERE / f"ramp-version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, ramp("<f4"), version=version)

np.save(HERE / "one-row.npy", ramp("<f4")[1])
np.save(HERE / "rank3.npy", ramp("<f4").reshape(1, ROWS, DIMS))
np.save(HERE / "no-rows.npy", ramp("<f4")[:0])
np.save(HERE / "int32.npy", ramp("<f4").astype("<i4"))
np.save(HERE / "structured.npy", np.zeros(3, dtype=[("a", "<f4"), ("b", "<f4")]))
np.save(HERE / "objects.npy", np.array([[1.0, None]], dtype=object), allow_pickle=True)
(HERE / "pickle.npy").write_bytes(pickle.dumps([[1.0, 2.0]], protocol=4))

overflow = ramp("<f8")
overflow[2, 3] = 1e300
np.save(HERE / "overflow-f8.npy", overflow)

rng = np.random.default_rng(42)
data = rng.standard_normal((500, 8)).astype("<f4")
data[:, 1] = 3.25                                        # constant
data[:, 2] = 0.1                                         # constant, not exact in binary
data[:, 3] += 1e4                                        # large offset
data[:, 4] = data[:, 4] * np.float32(1e-3) + 500         # large offset, small spread
data[:, 5] *= 1e6
data[:, 6] = (np.arange(500) == 0)                       # one row differs
data[:, 7] = 0
np.save(HERE / "scaler-data.npy", data)
# Fitted on float64, as the moments here are; float32 input would be accumulated by scikit-learn at lower precision.
scaler = StandardScaler().fit(data.astype("f8"))
np.savez(HERE / "scaler.npz", mean=scaler.mean_, scale=scaler.scale_, var=scaler.var_,
         transformed=scaler.transform(data[:20].astype("f8")))

codes = scipy.sparse.random(40, 64, density=0.1, format="csr", dtype="f4", random_state=7)
codes.sort_indices()
scipy.sparse.save_npz(HERE / "codes.npz", codes)
scipy.sparse.save_npz(HERE / "codes-stored.npz", codes, compressed=False)
np.save(HERE / "codes-dense.npy", codes.toarray())
np.savez_compressed(HERE / "arrays.npz", f4=ramp("<f4"), f2=ramp("<f2"), i4=np.arange(6, dtype="<i4").reshape(2, 3), i8=np.array(-5, dtype="<i8"))
