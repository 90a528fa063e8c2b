"""ONNX graphs without weights: nodes are added one by one; weights are external initialisers.

Activations are `batch 1 time channels`, so that a convolution is one over images of height 1; the
1-D convolution of ONNX Runtime is slower.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

OPSET, IR_VERSION = 20, 10  # the first opset with Gelu; onnxruntime 1.17 reads both
END = 2**62  # of a slice: as far as it goes
TENSOR_TYPES: dict[Any, int] = {
    np.float32: TensorProto.FLOAT,
    np.int64: TensorProto.INT64,
}
Shape = Sequence[str | int]


class GraphBuilder:
    """The nodes, inputs and outputs of a graph under construction.

    Names of tensors are numbers in the order of their making, so that a graph is always the same.

    Args:
        quantised: keys of the linear layers in int8.
    """

    def __init__(self, quantised: Collection[str] = ()) -> None:
        self.quantised = quantised
        self._nodes: list[Any] = []
        self._weights: dict[str, TensorProto] = {}
        self._constants: dict[str, TensorProto] = {}
        self._inputs: list[ValueInfoProto] = []
        self._outputs: list[ValueInfoProto] = []

    def model(self, name: str) -> ModelProto:
        """The finished model; its weights have a shape and no data."""
        graph = helper.make_graph(
            self._nodes,
            name,
            self._inputs,
            self._outputs,
            [*self._constants.values(), *self._weights.values()],
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )

    def input(self, name: str, shape: Shape, dtype: int = TensorProto.FLOAT) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, value: str, shape: Shape, dtype: int = TensorProto.FLOAT) -> None:
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def weight(self, name: str, shape: Sequence[int], dtype: int = TensorProto.FLOAT) -> str:
        """An array that a session takes when it is made."""
        tensor = TensorProto(
            name=name, data_type=dtype, dims=shape, data_location=TensorProto.EXTERNAL
        )
        tensor.external_data.add(key="location", value="weights")
        self._weights[name] = tensor
        return name

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        """A small array within the graph."""
        array: np.ndarray = np.asarray(values, dtype)
        key = f"{array.dtype} {array.tolist()}"
        if key not in self._constants:
            name, kind = f"constant_{len(self._constants)}", TENSOR_TYPES[dtype]
            self._constants[key] = helper.make_tensor(name, kind, array.shape, array.flatten())
        return str(self._constants[key].name)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.nodes(kind, 1, *inputs, **attributes)[0]

    def nodes(self, kind: str, results: int, *inputs: str, **attributes: Any) -> list[str]:
        """Add a node with several results."""
        index = len(self._nodes)
        names = [f"{kind.lower()}_{index}_{result}" for result in range(results)]
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names

    def slice(self, x: str, start: int, stop: int, axis: int) -> str:
        bounds = (self.constant([value], np.int64) for value in (start, stop, axis))
        return self.node("Slice", x, *bounds)

    def reshape(self, x: str, *shape: int) -> str:
        """0 keeps a size, -1 takes what is left."""
        return self.node("Reshape", x, self.constant(shape, np.int64))

    def split(self, x: str, parts: int, axis: int) -> list[str]:
        return self.nodes("Split", parts, x, axis=axis, num_outputs=parts) if parts > 1 else [x]

    def linear(self, x: str, key: str, inputs: int, outputs: int) -> str:
        """x W + b; the weight is stored as `inputs outputs`."""
        weight = self.weight(f"{key}.weight", (inputs, outputs), self._weight_type(key))
        if key in self.quantised:
            x, weight = self._dequantised(x, key, weight, outputs)
        bias = self.weight(f"{key}.bias", (outputs,))
        return self.node("Add", self.node("MatMul", x, weight), bias)

    def _weight_type(self, key: str) -> int:
        return TensorProto.INT8 if key in self.quantised else TensorProto.FLOAT

    def _dequantised(self, x: str, key: str, weight: str, outputs: int) -> tuple[str, str]:
        """Input and weight with the nodes that ONNX Runtime fuses to a multiplication in int8."""
        scale = self.weight(f"{key}.input_scale", ())
        zero = self.weight(f"{key}.input_zero_point", (), TensorProto.UINT8)
        x = self.node("DequantizeLinear", self.node("QuantizeLinear", x, scale, zero), scale, zero)
        scales = self.weight(f"{key}.weight_scale", (outputs,))
        zeros = self.weight(f"{key}.weight_zero_point", (outputs,), TensorProto.INT8)
        return x, self.node("DequantizeLinear", weight, scales, zeros, axis=1)

    def norm(self, x: str, key: str, dim: int, epsilon: float) -> str:
        weight, bias = (self.weight(f"{key}.{part}", (dim,)) for part in ("weight", "bias"))
        return self.node("LayerNormalization", x, weight, bias, axis=-1, epsilon=epsilon)

    def modulated_norm(self, x: str, scale: str, bias: str, dim: int, epsilon: float) -> str:
        """A layer norm with a scale and a bias for each item.

        They are nodes of their own: within the norm, an item in a batch gets other last digits.
        """
        one, zero = self.constant(np.ones(dim)), self.constant(np.zeros(dim))
        normal = self.node("LayerNormalization", x, one, zero, axis=-1, epsilon=epsilon)
        return self.node("Add", self.node("Mul", normal, scale), bias)

    def depthwise(self, x: str, key: str, dim: int, kernel: int, pad: int = 0) -> str:
        """A convolution of each channel along time, with so many zeros at both ends."""
        pads = [0, pad, 0, pad]
        return self.convolution(x, key, (dim, 1, 1, kernel), group=dim, pads=pads)

    def convolution(self, x: str, key: str, shape: Sequence[int], **attributes: Any) -> str:
        """A convolution along time; the weight is `outputs inputs 1 kernel`."""
        weight, bias = self.weight(f"{key}.weight", shape), self.weight(f"{key}.bias", shape[:1])
        image = self.node("Transpose", x, perm=[0, 3, 1, 2])
        image = self.node("Conv", image, weight, bias, kernel_shape=shape[2:], **attributes)
        return self.node("Transpose", image, perm=[0, 2, 3, 1])

    def unfold(self, x: str, kernel: int) -> str:
        """The channels of `kernel` neighbouring positions side by side."""
        columns = (
            self.slice(x, index, index + 1 - kernel if index + 1 < kernel else END, 2)
            for index in range(kernel)
        )
        return self.node("Concat", *columns, axis=3)

    def middle(self, x: str, margin: int) -> str:
        """All positions but `margin` at both ends."""
        return self.slice(x, margin, -margin, 2) if margin else x

    def last(self, x: str, columns: int) -> str:
        """The last positions."""
        return self.slice(x, -columns if columns else END, END, 2)
