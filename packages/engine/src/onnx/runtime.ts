/** The common API of the packages of ONNX Runtime for Node and for browsers. */
export type OnnxRuntime = Pick<typeof import("onnxruntime-node"), "InferenceSession" | "Tensor" | "env">;
