/**
 * A variational model of two layers with an energy-based prior, by exact algebra: the model of
 * `hierarchy.ts` with an inference model that can be its exact posterior.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Learner, LearnerState } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { partwiseEnergy } from "@ergodic/energies";
import { gaussian, gaussianHierarchy, layeredInference, type LayeredLatents } from "@ergodic/generators";
import { importanceLikelihood } from "@ergodic/evaluation/likelihood";
import { adam, dense, sgd, type Layer } from "@ergodic/nn";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { latentPrior, layerwise, resolveVariational, variationalPrior, variationalSteps } from "../src/index.js";
import { noisePrior } from "../src/noise-prior.js";
import {
  afterSteps,
  derivatives,
  exactly,
  expectLaw,
  noiseForm,
  placed,
  quadratic,
  values,
  type Affine,
  type Gaussian,
} from "./hierarchy.js";
import { enginesOnThisMachine, largestDifference, moments, sixSigma, valuesOf } from "./support.js";

/** (μ, s) = (slope z + shift, s): a normal law of one number given another. */
const given = (slope: number, shift: number, s: number): Layer<TensorTree> =>
  ({
    ...dense({ in: 1, out: 2 }),
    init: () => ({ weight: tf.tensor2d([[slope, 0]]), bias: tf.tensor1d([shift, s]) }),
  }) as Layer<TensorTree>;

/** The exact posterior: its law of z1, and of z2 given z1. */
const { mean, covariance } = exactly("posterior");
const [c11, c12, c22] = covariance;
const slope = c12 / c11;
const inference = layeredInference({
  dimensions: [1, 1],
  first: given(0, mean[0], Math.log(c11) / 2),
  upward: [given(slope, mean[1] - slope * mean[0], Math.log(c22 - slope * c12) / 2)],
  floor: 0,
});
const latents = gaussianHierarchy({
  dimensions: [1, 1],
  conditionals: [given(values.B, values.a, Math.log(values.D) / 2)],
  floor: 0,
});
const generator: Layer<Affine, LayeredLatents> = {
  init: () => ({ w: tf.scalar(values.w), b: tf.scalar(values.b) }),
  apply: ({ w, b }, { z1 }) => tf.add(tf.mul(w, z1!), b),
};
const energy = partwiseEnergy({ z1: quadratic(values.A1, values.c1), z2: quadratic(values.A2, values.c2) });
const rate = sgd({ learningRate: 1 });
const settings = {
  generator,
  latents,
  inference,
  energy,
  observation: gaussian({ sigma: Math.sqrt(values.v) }),
  optimizers: { generator: rate, inference: rate, latents: rate, energy: rate },
  prior: { steps: 8, stepSize: 0.4 },
  observe: (x: tf.Tensor) => x,
};
const options = resolveVariational(settings);
const steps = variationalSteps(options);
const observed = (n: number): tf.Tensor2D => tf.fill([n, 1], values.x);

/** Moments of draws, with a divisor of n. */
function momentsOf({ z1, z2 }: LayeredLatents): Gaussian {
  const n = z1!.shape[0]!;
  const found = moments(tf.concat([z1!, z2!], 1));
  return { mean: found.mean, covariance: found.covariance.map((c) => (c * (n - 1)) / n) } as unknown as Gaussian;
}

describe.each(enginesOnThisMachine)("a variational model of two layers on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("learns every part but inference along exact derivatives at the draws of q and of the prior", async () => {
    const state = steps.init(random.key(0));
    const [x, key] = [observed(40), random.key("one update")];
    const ends = compile(({ backbone, energy: tilt }: (typeof state)["params"], at: Key) => {
      const [boundKey, chainKey] = random.split(at, 4) as Key[];
      return {
        positive: inference.draw(backbone.inference, x, random.split(boundKey!, 5)[0] as Key),
        negative: noisePrior(options).sample({ energy: tilt, latents: backbone.latents! }, 40, chainKey!),
      };
    });
    const { positive, negative } = await ends(state.params, key);
    const { state: next } = await compile(steps.joint)(state, x, key);
    const [up, down] = [derivatives(momentsOf(positive)), derivatives(momentsOf(negative))];
    // At rate 1, plain gradient descent moves each parameter by its derivative.
    const moved = tree.zip((before, after) => tf.sub(before, after), state.params as TensorTree, next.params);
    const { backbone, energy: tilt } = moved as unknown as typeof state.params;
    const conditional = (backbone.latents as unknown as { weight: tf.Tensor; bias: tf.Tensor }[])[0]!;
    const found = [
      valuesOf(conditional.weight)[0]!,
      ...valuesOf(conditional.bias),
      valuesOf(tilt.z1.A)[0]!,
      valuesOf(tilt.z2.c)[0]!,
      valuesOf(backbone.generator.w)[0]!,
      valuesOf(backbone.generator.b)[0]!,
    ];
    const expected = [
      up.base.B - down.base.B,
      up.base.a - down.base.a,
      // The bias is log σ, half of log D.
      2 * (up.base.logD - down.base.logD),
      up.tilt.A1 - down.tilt.A1,
      up.tilt.c2 - down.tilt.c2,
      up.generator.w,
      up.generator.b,
    ];
    expect(largestDifference(found, expected)).toBeLessThan(5e-5);
  });

  // Four means of 30 replicates; 6.5 standard errors of 29 degrees of freedom have a rate of 4e-7.
  it("has no expected gradient for inference at the exact posterior, tilt included", async () => {
    const state = steps.init(random.key(0));
    const step = compile(steps.joint);
    const x = observed(200);
    const rows: number[][] = [];
    for (let i = 0; i < 30; i++) {
      const { state: next } = await step(state, x, random.fold(random.key("replicates"), i));
      const moved = tree.zip(
        (before, after) => tf.sub(before, after),
        state.params.backbone.inference as TensorTree,
        next.params.backbone.inference,
      );
      rows.push(tree.leaves(moved).flatMap(valuesOf));
    }
    rows[0]!.forEach((_, k) => {
      const column = rows.map((row) => row[k]!);
      const average = column.reduce((sum, value) => sum + value, 0) / 30;
      const variance = column.reduce((sum, value) => sum + (value - average) ** 2, 0) / 29;
      expect(Math.abs(average)).toBeLessThanOrEqual(6.5 * Math.sqrt(variance / 30));
    });
    // Moving q away from the posterior gives a gradient that this bound would see.
    const astray = {
      ...state,
      params: {
        ...state.params,
        backbone: {
          ...state.params.backbone,
          inference: tree.map((leaf) => tf.add(leaf, 0.3), state.params.backbone.inference as TensorTree),
        },
      },
    } as typeof state;
    const { state: next } = await step(astray, x, random.key("astray"));
    const first = (of: typeof state): number =>
      valuesOf((of.params.backbone.inference as { bias: tf.Tensor }[])[0]!.bias)[0]!;
    expect(first(astray) - first(next)).toBeGreaterThan(1);
  });

  // Five moments with a false-alarm rate of 1e-6 each.
  it("has a prior chain in noise of the exact law of its steps", async () => {
    const n = engine === "cpu" ? 4_000 : 20_000;
    const chain = { steps: 12, stepSize: 0.4 };
    const { sample } = noisePrior({ ...options, prior: chain });
    const { params } = steps.init(random.key(0));
    const draw = compile((p: typeof params, key: Key) =>
      sample({ energy: p.energy, latents: p.backbone.latents! }, n, key),
    );
    const found = await draw(params, random.key("prior"));
    expectLaw(tf.concat([found.z1!, found.z2!], 1), placed(afterSteps(noiseForm(), chain.steps, chain.stepSize)));
    // The target of that chain is the tilted law itself.
    const exact = exactly("prior");
    const limit = placed(afterSteps(noiseForm(), 200_000, 0.01));
    expect(largestDifference(limit.mean, exact.mean)).toBeLessThan(1e-4);
    expect(largestDifference(limit.covariance, exact.covariance)).toBeLessThan(1e-4);
  });
});

describe("the likelihood", () => {
  beforeAll(() => useEngine("onnx"));

  it("has log Z and log p(x) of the algebra, within the errors told", async () => {
    const { likelihood, init } = variationalPrior({ ...settings, prior: { steps: 40, stepSize: 0.4 } });
    const state = await init(random.key(0), observed(1));
    const { logPartition, standardError } = await likelihood.partition(state, random.key(1));
    expect(standardError).toBeLessThan(0.01);
    expect(Math.abs(logPartition + 0.205333969)).toBeLessThan(sixSigma * standardError);
    const samples = 200;
    const weights = await likelihood.logWeights(state, observed(2), random.key(2), samples);
    const { logLikelihoods, effectiveSamples } = importanceLikelihood(weights, samples);
    for (const [i, value] of logLikelihoods.entries()) {
      expect(effectiveSamples[i]! / samples).toBeGreaterThan(0.9);
      const error = Math.hypot(standardError, Math.sqrt(1 / effectiveSamples[i]! - 1 / samples));
      expect(Math.abs(value - logPartition + 1.323081923)).toBeLessThan(sixSigma * error);
    }
  });
});

describe("latents in noise", () => {
  beforeAll(() => useEngine("onnx"));
  const model = variationalPrior({ ...settings, prior: { steps: 40, stepSize: 0.4 } });

  it("decode to the reconstructions and samples of the same keys", async () => {
    const [state, key] = [await model.init(random.key(0), observed(1)), random.key(1)];
    const noise = (await model.latents.infer(state, observed(5), key)) as LayeredLatents;
    const { reconstruction } = await model.reconstruct(state, observed(5), key);
    const decoded = (await model.latents.decode(state, noise)) as tf.Tensor;
    expect(largestDifference(valuesOf(decoded), valuesOf(reconstruction))).toBeLessThan(1e-5);
    const sampled = (await model.latents.decode(state, await model.latents.sample(state, key, 5))) as tf.Tensor;
    expect(largestDifference(valuesOf(sampled), valuesOf(await model.sample(state, key, 5)))).toBeLessThan(1e-5);
  });

  // Mean and variance, each with a false-alarm rate of 1e-6.
  it("of the upper layer are redrawn given the noise of the lower one", async () => {
    const [n, held] = [20_000, 0.6];
    const state = await model.init(random.key(0), observed(1));
    const noise = { z1: tf.fill([n, 1], held), z2: tf.zeros([n, 1]) };
    const found = (await model.latents.redraw(state, noise, ["z2"], random.key(2))) as LayeredLatents;
    expect(valuesOf(found.z1!).every((value) => value === Math.fround(held))).toBe(true);
    // With z1 = B z2 + a + √D ε1, U is quadratic in z2.
    const { B, a, D, A1, A2, c1, c2 } = values;
    const precision = 1 + A2 + A1 * B * B;
    const center = (c2 + c1 * B - A1 * B * (a + Math.sqrt(D) * held)) / precision;
    const variance = 1 / precision / (1 - (0.4 ** 2 * precision) / 4);
    const draws = valuesOf(found.z2!);
    const average = draws.reduce((sum, value) => sum + value, 0) / n;
    const spread = draws.reduce((sum, value) => sum + (value - center) ** 2, 0) / n;
    expect(Math.abs(average - center)).toBeLessThan(sixSigma * Math.sqrt(variance / n) + 1e-3);
    expect(Math.abs(spread - variance)).toBeLessThan(sixSigma * variance * Math.sqrt(2 / n));
  });

  it("are not to be had of a base law with a map from noise alone", async () => {
    const { fromNoise: _, toNoise: __, ...plain } = latents;
    const half = variationalPrior({ ...settings, latents: { ...plain, fromNoise: latents.fromNoise } });
    const state = await half.init(random.key(0), observed(1));
    await expect(half.latents.infer(state, observed(1), random.key(0))).rejects.toThrow(/fromNoise and no toNoise/);
  });
});

type Scored = Learner<LearnerState, tf.Tensor>;

describe("layers one by one", () => {
  beforeAll(() => useEngine("onnx"));
  const { redrawnBelow, scoreAbove } = layerwise({ ...options, latents, prior: { steps: 40, stepSize: 0.4 } });
  let params: ReturnType<typeof steps.init>["params"];
  beforeAll(() => {
    ({ params } = steps.init(random.key(0)));
  });

  // Mean and variance, each with a false-alarm rate of 1e-6.
  it("are redrawn from p(z1 | z2) with the energy of z1, and z2 is kept", async () => {
    const n = 20_000;
    const z = { z1: tf.fill([n, 1], 9), z2: tf.fill([n, 1], -0.7) };
    const below = compile((p: typeof params, at: LayeredLatents, key: Key) => redrawnBelow(p, at, 1, key));
    const found = await below(params, z, random.key("below"));
    const { B, a, D, A1, c1 } = values;
    const precision = A1 + 1 / D;
    const center = (c1 + (a - B * 0.7) / D) / precision;
    // The chain runs in ε with the precision 1 + A1 D, which widens its law by 1/(1 - s²P/4).
    const variance = 1 / precision / (1 - (0.4 ** 2 * (1 + A1 * D)) / 4);
    const draws = valuesOf(found.z1!);
    const average = draws.reduce((sum, value) => sum + value, 0) / n;
    const spread = draws.reduce((sum, value) => sum + (value - center) ** 2, 0) / n;
    expect(Math.abs(average - center)).toBeLessThan(sixSigma * Math.sqrt(variance / n) + 1e-3);
    expect(Math.abs(spread - variance)).toBeLessThan(sixSigma * variance * Math.sqrt(2 / n));
    expect(valuesOf(found.z2!).every((value) => value === Math.fround(-0.7))).toBe(true);
  });

  it("score an outlier of the lower layer by the likelihood ratio, and k = 0 draws nothing from the prior", async () => {
    const x = tf.tensor2d([values.x, 6], [2, 1]);
    const scores = compile((p: typeof params, key: Key) => [scoreAbove(p, x, 0, key), scoreAbove(p, x, 1, key)]);
    const [all, above] = (await scores(params, random.key("scores"))).map(valuesOf);
    expect(all![1]).toBeGreaterThan(all![0]! + 10);
    // The prior's z1 cannot reach an observation of 6, and the inferred one does not either.
    expect(above![1]! - above![0]!).toBeGreaterThan(10);
    const alone = await variationalPrior(settings).score(
      { params, optimizers: steps.init(random.key(0)).optimizers },
      x,
      random.split(random.key("scores"))[0]!,
    );
    expect(valuesOf(alone)).toEqual(all);
  });

  it.each([
    ["draws of q", (): Scored => variationalPrior(settings)],
    ["posterior chains", (): Scored => latentPrior(settings)],
  ])("give a learner scores by layer at the latents of its score, by %s", async (_, make) => {
    const model = make();
    const x = tf.tensor2d([values.x, 6], [2, 1]);
    const state = await model.init(random.key(0), x);
    const [key, again] = [random.key("scores"), random.key("scores")];
    const scores = await model.scores!(state, x, key);
    expect(Object.keys(scores).sort()).toEqual(["above.z1", "ratioAbove.z1", "reconstructionError", "score"]);
    const of = (name: string): number[] => valuesOf(scores[name]!);
    expect(of("score")).toEqual(valuesOf(await model.score!(state, x, again)));
    const ratio = of("above.z1").map((above, i) => above - of("score")[i]!);
    expect(largestDifference(of("ratioAbove.z1"), ratio)).toBeLessThan(1e-3);
    // With z1 from the prior an observation of 6 is far less likely than with the inferred z1.
    expect(of("ratioAbove.z1")[1]).toBeGreaterThan(of("ratioAbove.z1")[0]! + 10);
    await model.dispose!();
  });

  it("refuses layers that are not there", () => {
    const z = { z1: tf.zeros([1, 1]), z2: tf.zeros([1, 1]) };
    for (const k of [-1, 2, 0.5]) expect(() => redrawnBelow(params, z, k, random.key(0))).toThrow(/k is/);
  });
});

describe("two stages", () => {
  beforeAll(() => useEngine("onnx"));

  it("keep the energy's bits in the first and the backbone's in the second", async () => {
    const step = adam({ learningRate: 0.01 });
    const model = variationalPrior({
      ...settings,
      optimizers: { generator: step, inference: step, latents: step, energy: step },
    });
    const x = observed(16);
    const bits = (part: TensorTree): number[] => tree.leaves(part).flatMap(valuesOf);
    const begun = await model.init(random.key(0), x);
    const phase = (name: string) => ({ name, iteration: 0, iterations: 1 });
    const first = await model.update(begun, x, { key: random.key(1), iteration: 0, phase: phase("backbone") });
    expect(bits(first.state.params.energy)).toEqual(bits(begun.params.energy));
    expect(bits(first.state.params.backbone as TensorTree)).not.toEqual(bits(begun.params.backbone as TensorTree));
    const second = await model.update(first.state, x, { key: random.key(2), iteration: 1, phase: phase("prior") });
    expect(bits(second.state.params.backbone as TensorTree)).toEqual(bits(first.state.params.backbone as TensorTree));
    expect(bits(second.state.params.energy)).not.toEqual(bits(first.state.params.energy));
    expect(Object.keys(second.metrics)).toContain("energyGap");
    expect(Object.keys(first.metrics)).toContain("bound");
    await model.dispose!();
  });

  it("have as bound -log p(x) of the base model where q is its exact posterior", async () => {
    // Without a tilt and with q = p(z | x), every draw gives log p(x) exactly.
    const { B, a, D, w, b, v } = values;
    const [variance1, gain] = [D + B * B, (D + B * B) * w];
    const evidence = { mean: w * a + b, variance: w * gain + v };
    const posteriorVariance = variance1 - (gain * gain) / evidence.variance;
    const up = B / variance1;
    const exact = layeredInference({
      dimensions: [1, 1],
      first: given(
        gain / evidence.variance,
        a - (gain / evidence.variance) * evidence.mean,
        Math.log(posteriorVariance) / 2,
      ),
      upward: [given(up, -up * a, Math.log(1 - B * up) / 2)],
      floor: 0,
    });
    const model = variationalPrior({ ...settings, inference: exact });
    const x = observed(3);
    const state = await model.init(random.key(0), x);
    const { metrics } = await model.update(state, x, {
      key: random.key(1),
      iteration: 0,
      phase: { name: "backbone", iteration: 0, iterations: 1 },
    });
    const expected =
      0.5 * Math.log(2 * Math.PI * evidence.variance) + (values.x - evidence.mean) ** 2 / (2 * evidence.variance);
    expect(metrics["bound"]).toBeCloseTo(expected, 4);
    await model.dispose!();
  });

  it("refuses a base law with parameters and no optimiser", () => {
    const { latents: _, ...without } = settings.optimizers;
    expect(() => variationalPrior({ ...settings, optimizers: without })).toThrow(/optimizers\.latents/);
    expect(() => variationalPrior({ ...settings, prior: { steps: 0, stepSize: 1 } })).toThrow(/prior\.steps/);
  });
});
