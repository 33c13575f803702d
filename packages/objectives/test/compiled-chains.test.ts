/** Chains compiled in blocks of steps. */
import { compile, useEngine } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { langevin, runSteps, type Energy } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { compiledChains } from "../src/compiled-chains.js";

beforeAll(() => useEngine("onnx"));

const model = mlpEnergy({ in: 2, widths: [8] });
type Params = ReturnType<typeof model.init>;
const energyOf = (params: Params) => (x: tf.Tensor) => model.energy(params, x);
const start = () => random.normal(random.key(1), [5, 2]);

it.each([3, 10, 23])("%i steps give the numbers of one program, counters of schedules included", async (steps) => {
  // The last step has no noise, so a chain that forgot its count would differ.
  const kernel = (energy: Energy) => langevin({ energy, stepSize: 0.1, denoiseLast: steps });
  const params = model.init(random.key(0));
  const whole = compile(
    (given: Params, x: tf.Tensor, key: Key) => runSteps(kernel(energyOf(given)), x, { steps, key }).position,
  );
  const blocks = compiledChains({ kernel, steps }, energyOf);
  const expected = await whole(params, start(), random.key(2));
  expect([...(await blocks.run(params, start(), random.key(2))).dataSync()]).toEqual([...expected.dataSync()]);
  await Promise.all([whole.dispose(), blocks.dispose()]);
});

it("leave the parameters and the starts, and no other tensor", async () => {
  const chains = compiledChains(
    { kernel: (energy: Energy) => langevin({ energy, stepSize: 0.1 }), steps: 11 },
    energyOf,
  );
  const [params, x] = [model.init(random.key(0)), start()];
  tf.dispose(await chains.run(params, x, random.key(2)));
  const before = tf.memory().numTensors;
  tf.dispose(await chains.run(params, x, random.key(3)));
  expect(tf.memory().numTensors).toBe(before);
  expect(tree.leaves([params, x] as TensorTree).some((leaf) => leaf.isDisposed)).toBe(false);
  await chains.dispose();
});
