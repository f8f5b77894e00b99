"""Makes the small encoder graphs of these tests and what NumPy computes for them.

    python3 make_golden.py          (NumPy 1.24, onnx 1.12)

encoder-a.onnx, encoder-b.onnx: 8 -> 16, rows divided by their length, then W x + b. Different weights.
encoder-raw.onnx: the same without the division.
Their metadata names words/00000000000000a1, …b2, …c3; tests that need other versions replace those bytes by others of the same length.
expected.json: rows [5, 8] and pre-activations [5, 16] of each graph.
"""
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT_DIMS, LATENT_DIMS, ROWS = 8, 16, 5
here = Path(__file__).parent


def graph(weight, bias, normalize, version):
    source = "embedding"
    nodes = []
    if normalize:
        nodes.append(helper.make_node("ReduceL2", ["embedding"], ["length"], axes=[1], keepdims=1))
        nodes.append(helper.make_node("Div", ["embedding", "length"], ["unit"]))
        source = "unit"
    nodes.append(helper.make_node("Gemm", [source, "weight", "bias"], ["pre_activations"], transB=1))
    model = helper.make_model(
        helper.make_graph(
            nodes, "encoder",
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", INPUT_DIMS])],
            [helper.make_tensor_value_info("pre_activations", TensorProto.FLOAT, ["batch", LATENT_DIMS])],
            [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="hierembed-tests")
    helper.set_model_props(model, {"model_id": f"words/{version}", "recipe": "matryoshka"})
    onnx.checker.check_model(model)
    return model


rng = np.random.default_rng(20240614)
rows = (rng.standard_normal((ROWS, INPUT_DIMS)) * 2).astype(np.float32)
expected = {"rows": rows.tolist()}
for name, version, normalize in [("a", "00000000000000a1", True), ("b", "00000000000000b2", True), ("raw", "00000000000000c3", False)]:
    weight = rng.standard_normal((LATENT_DIMS, INPUT_DIMS)).astype(np.float32)
    bias = (rng.standard_normal(LATENT_DIMS) * 0.1).astype(np.float32)
    onnx.save(graph(weight, bias, normalize, version), here / f"encoder-{name}.onnx")
    x = rows.astype(np.float64)
    if normalize:
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
    expected[name] = (x @ weight.T.astype(np.float64) + bias).astype(np.float32).tolist()

(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
np.save(here / "rows-f2.npy", rows.astype(np.float16))
np.save(here / "rows-f4.npy", rows)
np.save(here / "rows-f8.npy", rows.astype(np.float64))
