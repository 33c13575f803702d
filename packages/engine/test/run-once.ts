/** Runs models of ONNX Runtime once, as the probe of the blocked layout asks. */
import * as ort from "onnxruntime-node";
import { provenBlock, type RunOnce } from "../src/onnx/blocked/probe.js";

export const runOnce: RunOnce = async (model, feeds) => {
  const session = await ort.InferenceSession.create(model);
  const named = feeds.map(({ data, shape }, i) => [`in${i}`, new ort.Tensor("float32", data, shape)]);
  const results = (await session.run(Object.fromEntries(named))) as Record<string, ort.Tensor>;
  await session.release();
  return results;
};

/** The block size of the machine, if it has one. */
export const block = provenBlock(runOnce);
