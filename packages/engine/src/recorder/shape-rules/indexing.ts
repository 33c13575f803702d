/** Kernels that read or write at integer indices: gather, scatter, one-hot, counts, search. */
import { util } from "@tensorflow/tfjs-core";
import type { DType } from "../../graph.js";
import { areEqual, assertShapes } from "./checks.js";
import { dims, input, sameAs, type ShapeRules } from "./rule.js";

export const indexing: ShapeRules = {
  GatherV2: (inputs, attrs) => {
    const [x, indices] = [input(inputs, "x"), input(inputs, "indices")];
    const axis = util.parseAxisParam(attrs["axis"] as number, dims(x))[0]!;
    const batchDims = (attrs["batchDims"] ?? 0) as number;
    const fit = batchDims <= axis && areEqual(x.shape.slice(0, batchDims), indices.shape.slice(0, batchDims));
    const expected = `the same ${batchDims} leading axes, all before axis ${axis}`;
    assertShapes(fit, `gather with batchDims ${batchDims}`, [x.shape, indices.shape], expected);
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    return { shape, dtype: x.dtype };
  },
  GatherNd: (inputs) => {
    const [params, indices] = [input(inputs, "params"), input(inputs, "indices")];
    const fit = indices.shape.length > 0 && indices.shape.at(-1)! <= params.shape.length;
    assertShapes(fit, "gatherND", [params.shape, indices.shape], "at most as many coordinates as there are axes");
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
    const fit = areEqual(x.shape.slice(0, ids.shape.length), ids.shape);
    assertShapes(fit, "unsortedSegmentSum", [x.shape, ids.shape], "an id for each row");
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
