/** Chains of kernels on a target with known moments: progress, repeatability, moments. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { langevin, mala, warmUp, type Energy } from "@ergodic/samplers";
import { tree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { runChains, type ChainProgress, type PreparedKernel } from "../../src/target/run-chains.js";

beforeAll(async () => {
  await useEngine("onnx");
});

const halfSquares: Energy<tf.Tensor> = (x) => tf.sum(tf.mul(0.5, tf.square(x)), 1);

const adapted = (): PreparedKernel => {
  const kernel = mala({ energy: halfSquares, stepSize: 0.1 });
  return {
    ...{ kernel, stepSize: 0.1, momentum: true },
    warmUp: (position, options) => warmUp(kernel, position, options),
  };
};
const unadapted = (): PreparedKernel => ({
  ...{ kernel: langevin({ energy: halfSquares, stepSize: 0.1 }), stepSize: 0.1, momentum: false },
});

describe.each([
  ["adapted", adapted],
  ["unadapted", unadapted],
])("an %s kernel", (_, prepared) => {
  const plan = { dimension: 2, chains: 2, warmup: 130, draws: 70, seed: 0 };

  it("tells its stage every 64 steps, and gives the same draws again", async () => {
    const told: ChainProgress[] = [];
    const first = await runChains(prepared(), { ...plan, onProgress: (at) => told.push(at) });
    expect(told.map(({ stage, done, of }) => `${stage} ${done}/${of}`)).toEqual([
      ...["warm-up 0/130", "warm-up 64/130", "warm-up 128/130"],
      ...["draws 0/70", "draws 64/70"],
    ]);
    expect(first.positions.shape).toEqual([2, 70, 2]);
    const again = await runChains(prepared(), plan);
    expect(again.positions.dataSync()).toEqual(first.positions.dataSync());
    tree.dispose([first.positions, first.info, again.positions, again.info]);
  });
});
