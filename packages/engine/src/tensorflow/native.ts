/**
 * Functions for programs that manage native libraries: the location of builds, and a test of a
 * build.
 */
import * as tf from "@tensorflow/tfjs-core";
import { startCpuBackend } from "../engines/backend-engine.js";
import { EngineError } from "../errors.js";
import { fedWith } from "../programs/feeds.js";
import { record } from "../recorder/record.js";
import { findBinding, loadAddon } from "./binding.js";
import { addonIn } from "./cache.js";
import { describeBinding, tensorFlowExecutor } from "./executor.js";

export {
  addonIn,
  buildFolder,
  cachedBuilds,
  enginesFolder,
  stderrAddonBeside,
  type Build,
  type CachedBuild,
} from "./cache.js";

/** Whether the library that the engine finds here can join a cluster. */
export function joinsClusters(): boolean {
  try {
    return findBinding().startServer !== undefined;
  } catch {
    return false;
  }
}

const IMAGE_AND_FILTER = {
  inputs: [
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4],
  ],
  shapes: [
    [1, 3, 3, 1],
    [2, 2, 1, 1],
  ],
};

/** Functions of constants with their known results. */
const PROOFS = [
  {
    what: "a matrix product",
    inputs: [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ],
    shapes: [
      [2, 2],
      [2, 2],
    ],
    fn: (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b),
    expected: [19, 22, 43, 50],
  },
  {
    what: "the gradient of a convolution by its image",
    ...IMAGE_AND_FILTER,
    fn: (x: tf.Tensor, f: tf.Tensor) =>
      tf.grad((y: tf.Tensor) => tf.sum(tf.conv2d(y as tf.Tensor4D, f as tf.Tensor4D, 1, "valid")))(x),
    expected: [1, 3, 2, 4, 10, 6, 3, 7, 4],
  },
  {
    what: "the gradient of a convolution by its filter",
    ...IMAGE_AND_FILTER,
    fn: (x: tf.Tensor, f: tf.Tensor) =>
      tf.grad((g: tf.Tensor) => tf.sum(tf.conv2d(x as tf.Tensor4D, g as tf.Tensor4D, 1, "valid")))(f),
    expected: [12, 16, 24, 28],
  },
];

/**
 * Loads the library in the folder of a build or package, and tests it.
 *
 * The test compares a matrix product and the gradients of a convolution with their known values.
 *
 * @returns a description of the library and its device.
 * @throws EngineError when a result is wrong.
 * @throws Error when the library does not load. A library made for other processors may crash the
 *   process.
 */
export async function prove(folder: string): Promise<string> {
  await startCpuBackend();
  await tf.setBackend("cpu");
  const binding = loadAddon(addonIn(folder));
  const executor = tensorFlowExecutor(binding);
  for (const { what, fn, inputs, shapes, expected } of PROOFS) {
    const tensors = inputs.map((values, i) => tf.tensor(values, shapes[i]!));
    const call = record(fn, tensors, { engine: "tensorflow", supports: executor.supports, alternatives: [] });
    const program = await executor.load(call.graph);
    const [result] = await fedWith(call)(tensors, (feeds) => program.run(feeds));
    await program.dispose();
    const values = [...result!.dataSync()];
    tf.dispose([tensors, result!]);
    if (values.join() !== expected.join()) {
      throw new EngineError(
        `the library in ${folder} computes ${what} wrongly: ${values.join()}, expected ${expected.join()}.`,
      );
    }
  }
  return describeBinding(binding);
}
