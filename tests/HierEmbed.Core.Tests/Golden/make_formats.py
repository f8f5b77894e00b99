"""Makes Golden/formats with the field's own tools: /usr/bin/python3 make_formats.py (NumPy 1.24, pandas 1.5, FAISS 1.7, zstandard 0.20).

Debian: python3-numpy python3-pandas python3-faiss python3-zstandard. The Parquet files beside these are made by tests/Tools/ParquetGolden.
Every file but random.* holds the same rows: value of row r, dimension d is r + d / 8 - 3, exact in every float type.
"""
import base64
import gzip
import json
import pathlib

import numpy as np
import pandas as pd
import zstandard
from faiss.contrib.vecs_io import bvecs_mmap, fvecs_write

HERE = pathlib.Path(__file__).parent / "formats"
HERE.mkdir(exist_ok=True)
ROWS, DIMS = 7, 5
r, d = np.meshgrid(np.arange(ROWS), np.arange(DIMS), indexing="ij")
ramp = (r + d / 8 - 3).astype("f4")
ids = [f"row-{i}" for i in range(ROWS)]
texts = [f'text {i}, "quoted"\nand é' for i in range(ROWS)]
labels = [f"class {i % 2}" for i in range(ROWS)]

fvecs_write(str(HERE / "ramp.fvecs"), ramp)
# FAISS reads .bvecs and writes none: its reader is the judge of this one.
whole = (r * 10 + d).astype("u1")
np.hstack([np.full((ROWS, 1), DIMS, "<i4").view("u1"), whole]).tofile(HERE / "whole.bvecs")
assert (bvecs_mmap(str(HERE / "whole.bvecs")) == whole).all()

np.savez(HERE / "stored.npz", vectors=ramp, ids=np.arange(ROWS), flat=ramp[0])
np.savez_compressed(HERE / "deflated.npz", ramp)
np.savez_compressed(HERE / "half.npz", embeddings=ramp.astype("f2"), other=ramp)
np.savez(HERE / "fortran.npz", data=np.asfortranarray(ramp))
np.savez_compressed(HERE / "fortran-deflated.npz", data=np.asfortranarray(ramp.astype("f8")))

frame = pd.DataFrame(ramp, columns=[f"emb_{i}" for i in range(DIMS)])
named = pd.concat([pd.DataFrame({"id": ids, "text": texts, "year": 1990 + np.arange(ROWS), "label": labels}), frame], axis=1)
frame.to_csv(HERE / "names.csv", index=False)
frame.to_csv(HERE / "bare.csv", index=False, header=False)
pd.DataFrame(ramp).to_csv(HERE / "index.csv")
named.to_csv(HERE / "labels.csv", index=False)
named.to_csv(HERE / "labels.tsv", index=False, sep="\t")
named.to_csv(HERE / "labels.csv.gz", index=False)
named.to_csv(HERE / "labels.csv.zst", index=False)
frame.to_csv(HERE / "semicolons.csv", index=False, sep=";")
lists = pd.DataFrame({"_id": ids, "title": texts, "embedding": [json.dumps(row.tolist()) for row in ramp]})
lists.to_csv(HERE / "lists.csv", index=False)
lists.to_csv(HERE / "lists.tsv", index=False, sep="\t")

records = pd.DataFrame({"id": ids, "text": texts, "label": labels, "embedding": [row.tolist() for row in ramp]})
records.to_json(HERE / "records.jsonl", orient="records", lines=True)
records.to_json(HERE / "records.json", orient="records")
lines = (HERE / "records.jsonl").read_bytes()
(HERE / "records.jsonl.gz").write_bytes(gzip.compress(lines, mtime=0))
half = lines.index(b"\n") + 1
(HERE / "members.jsonl.gz").write_bytes(gzip.compress(lines[:half], mtime=0) + gzip.compress(lines[half:], mtime=0))
(HERE / "records.jsonl.zst").write_bytes(zstandard.ZstdCompressor(write_checksum=True).compress(lines))
(HERE / "frames.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(lines[:half]) + zstandard.ZstdCompressor().compress(lines[half:]))
(HERE / "records.json.gz").write_bytes(gzip.compress((HERE / "records.json").read_bytes(), mtime=0))

base64s = [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in ramp]
(HERE / "cohere-base64.json").write_text(json.dumps({"id": "0", "embeddings": {"base64": base64s}, "texts": texts, "meta": {"api_version": {"version": "2"}}, "response_type": "embeddings_by_type"}))
(HERE / "embed-jobs.jsonl").write_text("".join(json.dumps({"text": text, "embeddings": {"float": row.tolist(), "int8": [1] * DIMS}}) + "\n" for text, row in zip(texts, ramp)))

rng = np.random.default_rng(7)
random = (rng.standard_normal((64, 48)) * 10.0 ** rng.integers(-6, 3, (64, 48)))
np.save(HERE / "random.npy", random.astype("f4"))
pd.DataFrame(random).to_csv(HERE / "random.csv", index=False, header=False)
pd.DataFrame(random.astype("f4")).to_csv(HERE / "random-short.csv", index=False, header=False)
(HERE / "random.jsonl").write_text("".join(json.dumps(row) + "\n" for row in random.tolist()))
(HERE / "random.json").write_text(json.dumps({"embeddings": random.tolist()}))
