/** Which parameters each term of the loss moves, and how. */
import "@tensorflow/tfjs-backend-cpu";
import { useEngine } from "@ergodic/engine";
import { conditionalResidualMlp } from "@ergodic/energies";
import { gaussian, normalInference, type ObservationModel } from "@ergodic/generators";
import { adam, dense, trainedGradient, type Layer } from "@ergodic/nn";
import { ladder } from "@ergodic/noising";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { levelChains } from "../../src/diffusion/chains.js";
import { diffusionLosses, keysOf, type DiffusionTerms } from "../../src/diffusion/losses.js";
import { resolveDiffusion, type LatentDiffusionOptions } from "../../src/index.js";

beforeAll(() => useEngine("cpu"));

type Batch = { readonly points: tf.Tensor; readonly labels: tf.Tensor1D };
type Affine = { readonly weight: tf.Tensor; readonly bias: tf.Tensor };
const step = adam({ learningRate: 1e-3 });

const small = (more: Partial<LatentDiffusionOptions<Affine, Affine, TensorTree, Batch>> = {}) =>
  resolveDiffusion<Affine, Affine, TensorTree, Batch>({
    generator: dense({ in: 2, out: 3 }) as Layer<Affine>,
    observation: gaussian({ sigma: 1 }),
    inference: normalInference({ dimension: 2, network: dense({ in: 3, out: 4 }) as Layer<Affine>, floor: 0 }),
    network: conditionalResidualMlp({ in: 2, out: 4, width: 8, blocks: 2 }) as Layer<TensorTree, never>,
    symbols: 4,
    chain: { steps: 2 },
    optimizers: { generator: step, inference: step, energy: step },
    observe: ({ points }) => points,
    ...more,
  });

const x = random.normal(random.key("x"), [6, 3]);
const keys = keysOf(random.key(5));
const symbols = tf.tensor1d([0, 1, 2, 3, -1, 0], "int32");

function made(options = small()) {
  const chains = levelChains(options);
  const losses = diffusionLosses(options, chains);
  const params = {
    generator: options.generator.init(random.key(1)),
    inference: options.inference.init(random.key(2)),
    energy: options.network.init(random.key(3)),
  };
  const rungs = losses.rungs(losses.posterior(params.inference, x, keys).z, keys);
  const negative = chains.draw(params.energy, rungs, keys.chain);
  return { chains, losses, params, rungs, negative };
}

const largest = (gradient: TensorTree): number =>
  Math.max(0, ...tree.leaves(gradient).map((leaf) => tf.max(tf.abs(leaf)).dataSync()[0]!));

describe.each([
  ["six levels", small()],
  [
    "one level",
    small({ ladder: ladder.full(1), chain: { steps: 2, stepSizes: Float64Array.of(0.4) }, energyScale: "none" }),
  ],
] as const)("with %s", (_, options) => {
  it.each<[keyof DiffusionTerms, readonly string[]]>([
    ["surprise", ["generator", "inference"]],
    ["prior", ["inference"]],
    ["entropy", ["inference"]],
    ["contrast", ["energy"]],
    ["information", ["inference", "energy"]],
    ["symbols", ["inference", "energy"]],
  ])("%s moves %j and nothing else", (term, moved) => {
    const { losses, params, rungs, negative } = made(options);
    const held = { energy: params.energy, rungs, negative, symbols };
    const { grad } = trainedGradient((p: typeof params) => losses.terms(p, held, x, keys)[term]!)(params);
    for (const [part, gradient] of Object.entries(grad)) {
      if (moved.includes(part)) expect(largest(gradient as TensorTree), part).toBeGreaterThan(0);
      else expect(largest(gradient as TensorTree), part).toBe(0);
    }
  });
});

describe("with a context", () => {
  type Seen = { readonly x: tf.Tensor; readonly context: tf.Tensor };
  type Told = Batch & { readonly context: tf.Tensor };
  const seen: Seen = { x, context: random.normal(random.key("context"), [6, 2]) };
  const [encoder, reader] = [dense({ in: 2, out: 3 }), dense({ in: 5, out: 4 })];
  const law = gaussian({ sigma: 1 });
  const observation: ObservationModel<Seen> = {
    logDensity: (y, given) => law.logDensity(y, given.x),
    error: (y, given) => law.error(y, given.x),
    decode: (y) => ({ ...seen, x: y }),
    sample: (y) => ({ ...seen, x: y }),
  };
  const options = resolveDiffusion<Affine, Affine, TensorTree, Told, Seen>({
    generator: dense({ in: 5, out: 3 }) as Layer<Affine>,
    observation,
    inference: normalInference({
      dimension: 2,
      network: {
        init: (key) => reader.init(key),
        apply: (p: Affine, given: Seen) => reader.apply(p, tf.concat([given.x, given.context], 1)),
      },
      floor: 0,
    }),
    network: conditionalResidualMlp({ in: 2, context: 3, out: 4, width: 8, blocks: 2 }) as Layer<TensorTree, never>,
    symbols: 4,
    chain: { steps: 2 },
    optimizers: { generator: step, inference: step, energy: step },
    context: {
      network: { init: (key) => encoder.init(key), apply: (p, { context }) => encoder.apply(p as Affine, context) },
      optimizer: step,
      data: { load: () => Promise.reject(new Error("not read")) },
    },
    observe: ({ points, context }) => ({ x: points, context }),
  });
  const chains = levelChains(options);
  const losses = diffusionLosses(options, chains);
  const params = {
    generator: options.generator.init(random.key(1)),
    inference: options.inference.init(random.key(2)),
    energy: options.network.init(random.key(3)),
    context: options.context!.network.init(random.key(4)),
  };
  const given = losses.contextOf(params, seen)!;
  const rungs = losses.rungs(losses.posterior(params.inference, seen, keys).z, keys, given);

  it("only -log p(x | z, c) moves its network", () => {
    const held = { energy: params.energy, rungs, negative: rungs.far, symbols, context: given };
    const moved = (term: keyof DiffusionTerms) => {
      const { grad } = trainedGradient((p: typeof params) => losses.terms(p, held, seen, keys)[term]!)(params);
      return largest((grad as typeof params).context);
    };
    expect(moved("surprise")).toBeGreaterThan(0);
    for (const term of ["prior", "entropy", "contrast", "information", "symbols"] as const)
      expect(moved(term), term).toBe(0);
  });

  it("chains of both rungs of an example have its context", () => {
    const each = tf.concat([given, given]);
    expect([...rungs.context!.dataSync()]).toEqual([...each.dataSync()]);
    const ends = (context: tf.Tensor) => chains.draw(params.energy, { ...rungs, context }, keys.chain).dataSync();
    expect(ends(each)).not.toEqual(ends(tf.neg(each)));
  });
});

it("the contrast is 0 for chains that end at the data, and its descent raises F there against ends elsewhere", () => {
  const { losses, params, rungs, negative } = made();
  const contrast = (energy: TensorTree, ends: tf.Tensor) =>
    losses.terms({ ...params, energy }, { energy: params.energy, rungs, negative: ends }, x, keys).contrast;
  expect(contrast(params.energy, rungs.positive).dataSync()[0]!).toBe(0);
  const { value, grad } = trainedGradient((p: TensorTree) => contrast(p, negative))(params.energy);
  const { params: moved } = step.update(params.energy, grad, step.init(params.energy));
  expect(contrast(moved, negative).dataSync()[0]!).toBeLessThan(value.dataSync()[0]!);
});

describe("the entropy", () => {
  /** Slope in log σ² of each of two coordinates. */
  const slopes = (freeBits: number | undefined, logVariances: readonly [number, number]) => {
    const { losses } = made(small(freeBits === undefined ? {} : { freeBits }));
    const loss = ({ v }: { v: tf.Tensor }) => losses.entropy(tf.exp(tf.mul(0.5, v)));
    const { grad } = trainedGradient(loss)({ v: tf.tensor2d([[...logVariances]]) });
    return [...(grad as { v: tf.Tensor }).v.dataSync()].map((slope) => Math.round(slope * 1e6) / 1e6 + 0);
  };
  it("pushes log σ² up by ½ everywhere", () => {
    expect(slopes(undefined, [-2.9, -3.1])).toEqual([-0.5, -0.5]);
  });
  it("with free bits 1 only below -3", () => {
    expect(slopes(1, [-2.9, -3.1])).toEqual([0, -0.5]);
  });
});

it("levels of a batch are random below the top, and the top once for each example", () => {
  const { rungs } = made();
  const levels = [...rungs.transition.dataSync()];
  expect(levels.slice(6)).toEqual([5, 5, 5, 5, 5, 5]);
  expect(levels.slice(0, 6).every((t) => t >= 0 && t <= 4)).toBe(true);
  expect(new Set(levels.slice(0, 6)).size).toBeGreaterThan(1);
});

it.each<[() => unknown, RegExp]>([
  [() => small({ symbols: 0 }), /symbols is 0/],
  [() => small({ supervision: "labels" }), /supervision is by labels and there are none/],
  [
    () => small({ supervision: { data: { load: () => Promise.reject(new Error()) }, every: 1, components: 3 } }),
    /supervision.components is 3, expected at most 2/,
  ],
  [() => small({ weights: { information: -1 } }), /weights.information is -1/],
  [() => small({ ladder: ladder.full(1) }), /level 0 of the ladder holds no noise/],
])("options are checked (%#)", (make, message) => {
  expect(make).toThrow(message);
});
