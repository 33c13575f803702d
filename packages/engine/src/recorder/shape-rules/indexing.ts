/** Kernels that read or write where integers say: gathers, scatters, one-hot rows, counts, searches. */
import { util } from "@tensorflow/tfjs-core";
import type { DType } from "../../graph.js";
import { dims, input, sameAs, type ShapeRules } from "./rule.js";

export const indexing: ShapeRules = {
  GatherV2: (inputs, attrs) => {
    const [x, indices] = [input(inputs, "x"), input(inputs, "indices")];
    const axis = util.parseAxisParam(attrs["axis"] as number, dims(x))[0]!;
    const batchDims = (attrs["batchDims"] ?? 0) as number;
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    return { shape, dtype: x.dtype };
  },
  GatherNd: (inputs) => {
    const [params, indices] = [input(inputs, "params"), input(inputs, "indices")];
    return { shape: [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1))], dtype: params.dtype };
  },
  ScatterNd: (inputs, attrs) => ({ shape: attrs["shape"] as number[], dtype: input(inputs, "updates").dtype }),
  TensorScatterUpdate: sameAs("tensor"),
  SparseToDense: (inputs, attrs) => ({
    shape: attrs["outputShape"] as number[],
    dtype: input(inputs, "sparseValues").dtype,
  }),
  UnsortedSegmentSum: (inputs, attrs) => {
    const [x, ids] = [input(inputs, "x"), input(inputs, "segmentIds")];
    return { shape: [attrs["numSegments"] as number, ...x.shape.slice(ids.shape.length)], dtype: x.dtype };
  },
  OneHot: (inputs, attrs) => ({
    shape: [...input(inputs, "indices").shape, attrs["depth"] as number],
    dtype: (attrs["dtype"] ?? "int32") as DType,
  }),
  Bincount: (inputs, attrs) => ({ shape: [attrs["size"] as number], dtype: input(inputs, "weights").dtype }),
  DenseBincount: (inputs, attrs) => ({
    shape: [...input(inputs, "x").shape.slice(0, -1), attrs["size"] as number],
    dtype: input(inputs, "weights").dtype,
  }),
  SearchSorted: sameAs("values", "int32"),
};
