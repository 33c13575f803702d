/** One row for each kernel, for the tests of what all of them keep. To test another kernel add a row. */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import {
  cycle,
  cyclicalSgld,
  denseMass,
  hmc,
  identityMass,
  independence,
  langevin,
  mala,
  mixture,
  nuts,
  preconditionedSgld,
  sghmc,
  sgld,
  type Energy,
  type HostKernel,
  type Kernel,
} from "@ergodic/samplers";

export type Pair = { a: tf.Tensor; b: tf.Tensor };

export interface Row {
  readonly name: string;
  /** A kernel of an energy over pairs `{ a: [chains, 1], b: [chains, 2, 1] }`, its step of about this size. */
  readonly make: (energy: Energy<Pair>, stepSize: number) => Kernel<Pair> | HostKernel<Pair>;
  /** Whether the energy is left exactly as it is, by an accept step. */
  readonly exact: boolean;
  /** Whether a step size is one of its options. Default true. */
  readonly takesStepSize?: boolean;
}

const proposal = {
  sample: (key: Parameters<typeof random.split>[0], n: number): Pair =>
    random.normalLike(key, { a: tf.zeros([n, 1]), b: tf.zeros([n, 2, 1]) }, { sd: 1.2 }),
  energy: ({ a, b }: Pair): tf.Tensor =>
    tf.div(tf.add(tf.sum(tf.square(a), [1]), tf.sum(tf.square(b), [1, 2])), 2 * 1.2 * 1.2),
};

export const rows: readonly Row[] = [
  { name: "langevin", exact: false, make: (energy, stepSize) => langevin<Pair>({ energy, stepSize }) },
  {
    name: "langevin, everything bounded and scheduled",
    exact: false,
    make: (energy, stepSize) =>
      langevin<Pair>({
        energy,
        stepSize,
        noise: (step) => tf.div(stepSize, tf.add(step, 1)),
        gradientClip: { limit: 0.8, by: "norm" },
        clamp: [-1.5, 1.5],
        denoiseLast: 6,
        mass: denseMass(),
      }),
  },
  { name: "mala", exact: true, make: (energy, stepSize) => mala<Pair>({ energy, stepSize }) },
  { name: "hmc", exact: true, make: (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: 3 }) },
  {
    name: "hmc, lengths drawn",
    exact: true,
    make: (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: [1, 2, 4], mass: identityMass() }),
  },
  {
    name: "hmc, dense mass",
    exact: true,
    make: (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: 2, mass: denseMass() }),
  },
  { name: "nuts", exact: true, make: (energy, stepSize) => nuts<Pair>({ energy, stepSize, maxDepth: 5 }) },
  {
    name: "independence",
    exact: true,
    takesStepSize: false,
    make: (energy) => independence<Pair>({ energy, proposal }),
  },
  {
    name: "cycle",
    exact: true,
    make: (energy, stepSize) =>
      cycle<Pair>([hmc<Pair>({ energy, stepSize, steps: 2 }), independence<Pair>({ energy, proposal })]),
  },
  {
    name: "mixture",
    exact: true,
    make: (energy, stepSize) =>
      mixture<Pair>([mala<Pair>({ energy, stepSize }), independence<Pair>({ energy, proposal })], { weights: [3, 1] }),
  },
  {
    name: "mixture, one choice for all",
    exact: true,
    make: (energy, stepSize) =>
      mixture<Pair>([mala<Pair>({ energy, stepSize }), hmc<Pair>({ energy, stepSize, steps: 2 })], { shared: true }),
  },
  {
    name: "sgld",
    exact: false,
    takesStepSize: false,
    make: (energy, stepSize) => sgld<Pair>({ energy, learningRate: stepSize ** 2 }),
  },
  {
    name: "preconditionedSgld",
    exact: false,
    takesStepSize: false,
    make: (energy, stepSize) => preconditionedSgld<Pair>({ energy, learningRate: stepSize ** 2 }),
  },
  {
    name: "sghmc",
    exact: false,
    takesStepSize: false,
    make: (energy, stepSize) => sghmc<Pair>({ energy, learningRate: stepSize ** 2 }),
  },
  {
    name: "cyclicalSgld",
    exact: false,
    takesStepSize: false,
    make: (energy, stepSize) =>
      cyclicalSgld<Pair>({ energy, learningRate: stepSize ** 2, cycleLength: 4, exploration: 0.5 }),
  },
];
