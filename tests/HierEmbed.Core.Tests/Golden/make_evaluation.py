"""Makes evaluation.npz and quantization.npz with SciPy, scikit-learn and FAISS: /usr/bin/python3 make_evaluation.py (SciPy 1.10, scikit-learn 1.2, FAISS 1.7)."""
import pathlib

import faiss
import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import accuracy_score, adjusted_rand_score, f1_score, silhouette_score

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(11)

# Agreement of orders and classes. Rounding makes ties; class 6 is never predicted, class 7 never given.
a = rng.standard_normal(400).astype("f4")
b = (a + rng.standard_normal(400)).astype("f4")
tied_a, tied_b = np.round(a * 2).astype("f4"), np.round(b * 2).astype("f4")
truth = rng.integers(0, 7, 300).astype("i4")
predicted = np.where(rng.random(300) < 0.6, truth, rng.integers(0, 6, 300)).astype("i4")
predicted[:3] = 7
points = (rng.standard_normal((300, 5)) + truth[:, None]).astype("f4")
clusters = truth.copy()
clusters[0] = 99                                            # alone in its cluster
np.savez(HERE / "evaluation.npz", a=a, b=b, tied_a=tied_a, tied_b=tied_b,
         spearman=np.array([spearmanr(a, b).statistic, spearmanr(tied_a, tied_b).statistic]),
         truth=truth, predicted=predicted, points=points, clusters=clusters,
         accuracy=np.array([accuracy_score(truth, predicted)]), macro_f1=np.array([f1_score(truth, predicted, average="macro")]),
         adjusted_rand=np.array([adjusted_rand_score(truth, predicted)]),
         silhouette=np.array([silhouette_score(points, clusters)], "f8"))

# A product quantizer of rows with 30 dims, padded to 32: 8 bytes of 4 dims.
DIMS, PARTS = 30, 8
mix = rng.standard_normal((DIMS, DIMS)) * np.linspace(2, 0.2, DIMS)[:, None]
rows = (rng.standard_normal((2400, DIMS)) @ mix).astype("f2").astype("f4")
padded = np.pad(rows, ((0, 0), (0, 2)))
train, test = padded[:2000], padded[2000:]
pq = faiss.ProductQuantizer(32, PARTS, 8)
pq.cp.niter, pq.cp.seed, pq.cp.min_points_per_centroid = 12, 5, 1
pq.train(train)
codes = pq.compute_codes(test)
decoded = pq.decode(codes)
np.savez(HERE / "quantization.npz", rows=rows.astype("f2"), codebooks=faiss.vector_to_array(pq.centroids).reshape(PARTS, 256, 4),
         codes=codes, decoded=np.ascontiguousarray(decoded[:, :DIMS]), error=np.array([np.square(decoded - test).sum(1).mean()], "f8"))
