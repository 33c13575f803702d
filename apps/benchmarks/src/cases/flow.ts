/**
 * The flow for 16 x 16 digits of the reduced run of arXiv 2006.06897.
 *
 * Cases are both directions, and a Hamiltonian step in its noise under a convolutional energy.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, grad } from "@ergodic/engine";
import { convEnergy } from "@ergodic/energies";
import { flowThrough, glow, logit, type LinearParams } from "@ergodic/flows";
import { hmc, identityMass, type Energy } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { milliseconds, repeatable, type Case } from "../case.js";
import { fixedInput, fixedLike } from "../numbers.js";

const BATCH = 64;
const DIMENSION = 256;
const LEAPFROG_STEPS = 5;
const STEP_SIZE = 0.1;
const shape = [16, 16, 1] as const;

const flow = glow({ shape, levels: 2, steps: 4, width: 32, normalized: false });
const pixels = flowThrough(logit(), flow);
const energy = convEnergy({
  imageShape: shape,
  widths: [16, 32, 64, 64],
  kernels: [3, 4, 4, 4],
  strides: [1, 2, 2, 4],
  activation: "swish",
});

/**
 * Fixed weights, except for the invertible matrix: its permutation reverses rows, and its signs are
 * +1.
 */
function invertible(params: TensorTree): TensorTree {
  if (params instanceof tf.Tensor) return params;
  if (Array.isArray(params)) return params.map(invertible);
  const branch = params as Readonly<Record<string, TensorTree>>;
  if ("factors" in branch) {
    const { factors, $fixed } = branch as LinearParams;
    const { size } = $fixed.sign;
    return { factors, $fixed: { sign: tf.ones([size]), permutation: tf.range(size - 1, -1, -1) } };
  }
  return Object.fromEntries(Object.entries(branch).map(([name, part]) => [name, invertible(part)]));
}

const flowParams = (): TensorTree => invertible(fixedLike(flow.init(random.key(0))));

export const flowRoundTrip: Case = {
  name: "flow-round-trip",
  title: "log-density of 64 images and 64 images of noise, Glow L=2, K=4, width 32 on 16x16x1",
  unit: milliseconds,
  engines: ["onnx", "tensorflow", "cpu"],
  calls: 5,
  prepare() {
    const params = flowParams();
    const [x, z] = [fixedInput(0, [BATCH, ...shape], 2), fixedInput(1, [BATCH, DIMENSION], 2)];
    const bothWays = compile((p: TensorTree, images: tf.Tensor, noise: tf.Tensor) => [
      flow.logDensity(p, images),
      flow.decode(p, noise),
    ]);
    return Promise.resolve(repeatable(() => bothWays(params, x, z)));
  },
};

type Params = { readonly flow: TensorTree; readonly energy: readonly TensorTree[] };

/** U(z) = ½‖z‖² + E(2u - 1) with u in [0, 1] the image that the flow decodes from z. */
const latentEnergy =
  (params: Params): Energy =>
  (z) => {
    const tilt = energy.energy(params.energy, tf.sub(tf.mul(2, pixels.decode(params.flow, z)), 1));
    return tf.add(tf.mul(0.5, tf.sum(tf.square(z), 1)), tilt);
  };

const kernelOf = (params: Params) =>
  hmc({ energy: latentEnergy(params), steps: LEAPFROG_STEPS, stepSize: STEP_SIZE, mass: identityMass() });

export const flowTransition: Case = {
  name: "flow-transition",
  title: "Hamiltonian step of 64 chains, 5 leapfrog steps, in the noise of that flow under a convolutional energy",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 3,
  async prepare() {
    const params = { flow: flowParams(), energy: fixedLike(energy.init(random.key(0))) };
    const start = fixedInput(0, [BATCH, DIMENSION], 2);
    const begin = compile((p: Params, z: tf.Tensor) => kernelOf(p).init(z));
    const step = compile(
      (p: Params, state: Awaited<ReturnType<typeof begin>>, key: Key) => kernelOf(p).step(state, key)[0],
    );
    const slope = compile((p: Params, z: tf.Tensor) => [
      grad((at: tf.Tensor) => tf.sum(latentEnergy(p)(at)) as tf.Scalar)(z),
    ]);
    const root = random.key(0);
    let state = await begin(params, start);
    let calls = 0;
    return {
      async call() {
        const next = await step(params, state, random.fold(root, calls++));
        tree.dispose(state);
        state = next;
        return (await state.energy.data())[0]!;
      },
      check: () => slope(params, start),
    };
  },
};
