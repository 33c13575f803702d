/**
 * Runs a problem's function as a model of standard ONNX operators alone, as in an exported file and
 * where blocks are not proven.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import ort from "onnxruntime-node";
import { expect } from "vitest";
import { record, useEngine } from "../src/index.js";
import { lowerToOnnx } from "../src/onnx/lower.js";
import { lowerings } from "../src/onnx/lowerings.js";
import { evaluation, largestError, type Problem } from "./kernel-cases.js";

export async function expectStandardAgreement(problem: Problem): Promise<void> {
  await useEngine("cpu");
  const inputs = problem.inputs.map((draw, i) => draw(random.fold(random.key(7), i)));
  const run = evaluation(problem);
  const expected = tf.tidy(() => run(inputs));
  const supports = (kernel: string): boolean => kernel in lowerings;
  const { graph } = record(run, [inputs], { engine: "onnx", supports, alternatives: ["cpu"] });
  const session = await ort.InferenceSession.create(lowerToOnnx(graph), { logSeverityLevel: 4 });
  const feeds = graph.inputs.map(({ value, source }, i) => {
    const tensor = inputs[source.kind === "argument" ? source.leaf : -1]!;
    return [`in${i}`, new ort.Tensor("float32", tensor.dataSync() as Float32Array, [...value.shape])] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  expected.forEach((y, i) => {
    const actual = tf.tensor(results[`out${i}`]!.data as Float32Array, y.shape);
    expect(largestError(actual, y), `result ${i} of shape [${y.shape.join()}]`).toBeLessThan(2e-5);
    actual.dispose();
  });
  tf.dispose([inputs, expected]);
}
