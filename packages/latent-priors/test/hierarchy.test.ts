/**
 * Latents of two layers with a learned base law, by exact algebra: energies, chains and gradients
 * of the model in `hierarchy.ts`.
 *
 * The ten-digit numbers were derived by hand and checked by finite differences of log p(x).
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { gaussian, standardNormal } from "@ergodic/generators";
import { sgd, type Layer } from "@ergodic/nn";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { latentChains, latentPrior, learningStep, resolveOptions, type LatentPriorOptions } from "../src/index.js";
import {
  afterSteps,
  derivatives,
  exactly,
  expectLaw,
  generator,
  hierarchy,
  quadraticForm,
  tilt,
  values,
  type Gaussian,
  type Layers,
} from "./hierarchy.js";
import { enginesOnThisMachine, largestDifference, logSumExp, moments, valuesOf } from "./support.js";

const rate = sgd({ learningRate: 1 });
const prior = { steps: 10, stepSize: 0.4 };
const posterior = { steps: 8, stepSize: 0.1 };
const settings = {
  generator,
  latents: hierarchy,
  energy: tilt,
  optimizers: { generator: rate, energy: rate, latents: rate },
  observation: gaussian({ sigma: Math.sqrt(values.v) }),
  prior,
  posterior,
  observe: (x: tf.Tensor) => x,
};
const options = resolveOptions(settings);
const chains = latentChains(options);
const makeParams = () => ({
  generator: generator.init(random.key(0)),
  energy: tilt.init(random.key(0)),
  latents: hierarchy.init!(random.key(0)),
});
type Params = ReturnType<typeof makeParams>;

const observed = (n: number): tf.Tensor2D => tf.fill([n, 1], values.x);
const layers = (rows: readonly (readonly [number, number])[]): Layers => ({
  bottom: tf.tensor2d(rows.map(([bottom]) => [bottom])),
  top: tf.tensor2d(rows.map(([, top]) => [top])),
});
/** (z1, z2) `[n, 2]`. */
const joined = ({ bottom, top }: Layers): tf.Tensor => tf.concat([bottom, top], 1);
const gaussianOf = (z: Layers): Gaussian => moments(joined(z)) as unknown as Gaussian;

/** Four equally weighted points with this mean and covariance. */
function sigmaPoints({ mean: [m1, m2], covariance: [c11, c12, c22] }: Gaussian): Layers {
  const l11 = Math.sqrt(c11);
  const l21 = c12 / l11;
  const directions = [
    [l11, l21],
    [0, Math.sqrt(c22 - l21 * l21)],
  ] as const;
  return layers(
    directions.flatMap(([u, v]) => [Math.SQRT2, -Math.SQRT2].map((s): [number, number] => [m1 + s * u, m2 + s * v])),
  );
}

it("has the algebra of the ten-digit numbers", () => {
  const flat = ({ mean, covariance }: Gaussian): number[] => [...mean, ...covariance];
  const tables = {
    prior: [0.0491017964, -0.1497005988, 0.5628742515, 0.4790419162, 0.6736526946],
    posterior: [0.5634485499, 0.288041319, 0.0373460469, 0.0317838697, 0.2930075487],
  };
  expect(largestDifference(flat(exactly("prior")), tables.prior)).toBeLessThan(1e-10);
  expect(largestDifference(flat(exactly("posterior")), tables.posterior)).toBeLessThan(1e-10);
  const [free, inferred] = [derivatives(exactly("prior")), derivatives(exactly("posterior"))];
  const scores = [
    free.base.B - inferred.base.B,
    free.base.a - inferred.base.a,
    free.base.logD - inferred.base.logD,
    free.tilt.c1 - inferred.tilt.c1,
    free.tilt.c2 - inferred.tilt.c2,
    // Derivatives with respect to A_i, of log p(x).
    free.tilt.A1 - inferred.tilt.A1,
    free.tilt.A2 - inferred.tilt.A2,
    -inferred.generator.w,
  ];
  const expected = [
    -0.2612604617, 0.6566128767, -0.0079480318, 0.5143467535, 0.4377419178, 0.1052324613, 0.1600438068, -0.2791864218,
  ];
  expect(largestDifference(scores, expected)).toBeLessThan(1e-9);
  // The law after infinitely many tiny steps is the target's own.
  expect(largestDifference(flat(afterSteps(quadraticForm("prior"), 200_000, 0.01)), tables.prior)).toBeLessThan(1e-4);
});

describe.each(enginesOnThisMachine)("latents of two layers with a learned base law on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("have the energies of prior and posterior: quadratic forms around the exact means", async () => {
    const points = Array.from({ length: 9 }, (_, i): [number, number] => [(i % 3) - 1, Math.floor(i / 3) - 1]);
    const energies = compile((params: Params, x: tf.Tensor, z: Layers) => ({
      prior: chains.priorEnergy(params)(z),
      posterior: chains.posteriorEnergy(params, x)(z),
    }));
    for (const given of ["prior", "posterior"] as const) {
      const {
        mean: [m1, m2],
        covariance: [c11, c12, c22],
      } = exactly(given);
      const found = valuesOf((await energies(makeParams(), observed(10), layers([[m1, m2], ...points])))[given]);
      const determinant = c11 * c22 - c12 * c12;
      const form = points.map(([z1, z2]) => {
        const [u, v] = [z1 - m1, z2 - m2];
        return (c22 * u * u - 2 * c12 * u * v + c11 * v * v) / (2 * determinant);
      });
      // Energies reach 60, of which float32 keeps 4e-6.
      expect(
        largestDifference(
          found.slice(1).map((energy) => energy - found[0]!),
          form,
        ),
      ).toBeLessThan(2e-5);
    }
  });

  it("have all scores of log p(x) as a difference of expected energies", async () => {
    const loss = (params: Params, x: tf.Tensor, inferred: Layers, free: Layers): tf.Tensor =>
      tf.sub(tf.mean(chains.priorEnergy(params)(free)), tf.mean(chains.posteriorEnergy(params, x)(inferred)));
    const { grad } = await compile(valueAndGrad(loss))(
      makeParams(),
      observed(4),
      sigmaPoints(exactly("posterior")),
      sigmaPoints(exactly("prior")),
    );
    const found = [
      grad.latents.B,
      grad.latents.a,
      grad.latents.logD,
      grad.energy.bottom.c,
      grad.energy.top.c,
      grad.energy.bottom.A,
      grad.energy.top.A,
      grad.generator.w,
    ].flatMap(valuesOf);
    const expected = [
      -0.2612604617, 0.6566128767, -0.0079480318, 0.5143467535, 0.4377419178, 0.1052324613, 0.1600438068, -0.2791864218,
    ];
    expect(largestDifference(found, expected)).toBeLessThan(5e-6);
  });

  it("have in that of the base law a term of the prior, not of the posterior alone", async () => {
    const slope = compile((params: Params, x: tf.Tensor, inferred: Layers, free: Layers) => {
      const of = (energy: (p: Params) => tf.Tensor) => valueAndGrad((p: Params) => tf.neg(tf.mean(energy(p))))(params);
      return {
        posterior: of((p) => chains.posteriorEnergy(p, x)(inferred)).grad.latents.B,
        prior: of((p) => chains.priorEnergy(p)(free)).grad.latents.B,
      };
    });
    const ends = [sigmaPoints(exactly("posterior")), sigmaPoints(exactly("prior"))] as const;
    const { posterior: up, prior: down } = await slope(makeParams(), observed(4), ...ends);
    expect(valuesOf(up)[0]).toBeCloseTo(-0.5420163153, 5);
    expect(valuesOf(down)[0]).toBeCloseTo(-0.2807558536, 5);
  });

  it("integrate to the partition function and the evidence", async () => {
    // The trapezoid rule is exact to float64 for Gaussians wider than the step.
    const [nodes, step] = [161, 0.1];
    const axis = Array.from({ length: nodes }, (_, i) => (i - 80) * step);
    const points = layers(axis.flatMap((u) => axis.map((v) => [u, v] as const)));
    const energies = compile((params: Params, x: tf.Tensor, z: Layers) => ({
      prior: chains.priorEnergy(params)(z),
      posterior: chains.posteriorEnergy(params, x)(z),
    }));
    const found = await energies(makeParams(), observed(nodes ** 2), points);
    const logIntegral = (energy: tf.Tensor): number =>
      logSumExp(valuesOf(energy).map((u) => -u)) + 2 * Math.log(step) - Math.log(2 * Math.PI);
    expect(logIntegral(found.prior)).toBeCloseTo(-0.205333969, 5);
    expect(logIntegral(found.posterior) - logIntegral(found.prior)).toBeCloseTo(-1.323081923, 5);
  });

  const count = engine === "cpu" ? 4_000 : 20_000;

  // Five moments of three laws an engine, each with a false-alarm rate of 1e-6.
  it("have short-run chains of the exact law, and exact draws of the base law", async () => {
    const sample = compile((params: Params, x: tf.Tensor, key: Key) => {
      const [priorKey, posteriorKey, baseKey] = random.split(key, 3) as [Key, Key, Key];
      return {
        prior: chains.samplePrior(params, count, priorKey),
        posterior: chains.samplePosterior(params, x, posteriorKey),
        base: chains.sampleBase(params, count, baseKey),
      };
    });
    const found = await sample(makeParams(), observed(count), random.key("two layers"));
    expectLaw(joined(found.prior), afterSteps(quadraticForm("prior"), prior.steps, prior.stepSize));
    expectLaw(joined(found.posterior), afterSteps(quadraticForm("posterior"), posterior.steps, posterior.stepSize));
    const { B, a, D } = values;
    expectLaw(joined(found.base), { mean: [a, 0], covariance: [D + B * B, B, 1] });
  });

  it("are learned along the exact derivatives at the ends of both chains, for every part", async () => {
    // At rate 1, plain gradient descent moves each parameter by its derivative.
    const state = await latentPrior(settings).init(random.key(0), observed(1));
    const [x, key] = [observed(50), random.key("one update")];
    const ends = compile((params: Params, at: Key) => {
      const [posteriorKey, priorKey] = random.split(at, 2) as [Key, Key];
      return {
        positive: chains.samplePosterior(params, x, posteriorKey),
        negative: chains.samplePrior(params, 50, priorKey),
      };
    });
    const { positive, negative } = await ends(state.params as Params, key);
    const { state: next, metrics } = await compile(learningStep(options))(state, x, key);
    const moved = (of: (params: Params) => tf.Tensor): number =>
      valuesOf(tf.sub(of(state.params as Params), of(next.params as Params)))[0]!;
    // Moments of the ends themselves: `moments` divides by n - 1.
    const at = (z: Layers): ReturnType<typeof derivatives> => {
      const { mean, covariance } = gaussianOf(z);
      return derivatives({
        mean,
        covariance: covariance.map((entry) => (entry * 49) / 50) as unknown as Gaussian["covariance"],
      });
    };
    const [up, down] = [at(positive), at(negative)];
    const found = [
      moved((p) => p.latents.B),
      moved((p) => p.latents.a),
      moved((p) => p.latents.logD),
      moved((p) => p.energy.bottom.A),
      moved((p) => p.energy.top.c),
      moved((p) => p.generator.w),
      moved((p) => p.generator.b),
    ];
    const expected = [
      up.base.B - down.base.B,
      up.base.a - down.base.a,
      up.base.logD - down.base.logD,
      up.tilt.A1 - down.tilt.A1,
      up.tilt.c2 - down.tilt.c2,
      up.generator.w,
      up.generator.b,
    ];
    expect(largestDifference(found, expected)).toBeLessThan(2e-5);
    expect(Object.keys(metrics).sort()).toEqual([
      "baseEnergyNegative",
      "baseEnergyPositive",
      "energyGap",
      "energyNegative",
      "energyPositive",
      "latentMaxNegative.bottom",
      "latentMaxNegative.top",
      "latentMaxPositive.bottom",
      "latentMaxPositive.top",
      "latentStdNegative.bottom",
      "latentStdNegative.top",
      "latentStdPositive.bottom",
      "latentStdPositive.top",
      "reconstruction",
      "skipped",
    ]);
  });

  it("are learned without a tilt along the base law's energy alone", async () => {
    const model = latentPrior({ ...settings, energy: undefined });
    const state = await model.init(random.key(0), observed(1));
    const [x, key] = [observed(8), random.key("no tilt")];
    const z = await model.infer(state, x, random.split(key, 2)[0]!);
    const { state: next, metrics } = await model.update(state, x, { key, iteration: 0 });
    const { mean, covariance } = gaussianOf(z);
    const { base } = derivatives({
      mean,
      covariance: covariance.map((entry) => (entry * 7) / 8) as unknown as Gaussian["covariance"],
    });
    const moved = (name: keyof typeof base): number =>
      valuesOf(tf.sub(state.params.latents![name], next.params.latents![name]))[0]!;
    expect(largestDifference([moved("B"), moved("a"), moved("logD")], [base.B, base.a, base.logD])).toBeLessThan(1e-5);
    expect(Object.keys(metrics)).toContain("baseEnergyPositive");
    // The prior is the base law, so its samples are exact draws.
    expect(valuesOf(await model.sample(state, key, 5))).toEqual(valuesOf(await model.sampleReference(state, key, 5)));
  });

  it("have the same energy in standard noise ε, up to a constant: z2 = ε2, z1 = B ε2 + a + √D ε1", () => {
    const { B, a, D } = values;
    const place = ({ bottom, top }: Layers): Layers => ({
      top,
      bottom: tf.add(tf.add(tf.mul(B, top), a), tf.mul(Math.sqrt(D), bottom)),
    });
    const placedTilt: EnergyModel<ReturnType<typeof tilt.init>, Layers> = {
      ...tilt,
      energy: (params, noise) => tilt.energy(params, place(noise)),
    };
    const placedGenerator: Layer<ReturnType<typeof generator.init>, Layers> = {
      ...generator,
      apply: (params, noise) => generator.apply(params, place(noise)),
    };
    const { latents: _, ...params } = makeParams();
    const inNoise = latentChains(
      resolveOptions({
        ...settings,
        generator: placedGenerator,
        energy: placedTilt,
        latents: standardNormal({ bottom: [1], top: [1] }),
      }),
    );
    // The Jacobian of the change of variables is √D everywhere.
    const noise = layers([
      [0, 0],
      [1, -1],
      [-0.5, 2],
    ]);
    const relative = (energy: tf.Tensor): number[] => valuesOf(energy).map((value, _i, all) => value - all[0]!);
    const x = observed(3);
    expect(
      largestDifference(
        relative(inNoise.posteriorEnergy(params, x)(noise)),
        relative(chains.posteriorEnergy(makeParams(), x)(place(noise))),
      ),
    ).toBeLessThan(1e-5);
    // The exact law of the prior in ε, through the same map.
    const [mean, covariance] = [
      [0.1377245509, -0.1497005988],
      [0.9101796407, -0.119760479, 0.6736526946],
    ] as const;
    const mapped = gaussianOf(place(sigmaPoints({ mean, covariance })));
    // Four points with weights of a quarter: `moments` divides by three.
    const found = [...mapped.mean, ...mapped.covariance.map((entry) => entry * 0.75)];
    const { mean: m, covariance: c } = exactly("prior");
    expect(largestDifference(found, [...m, ...c])).toBeLessThan(1e-6);
  });
});

it("refuses a base law with parameters and no optimiser, and a generator without latents", () => {
  const { latents: _, ...without } = settings.optimizers;
  expect(() => resolveOptions({ ...settings, optimizers: without })).toThrow(/optimizers\.latents/);
  const nothing = { ...settings, latents: undefined } as unknown as LatentPriorOptions<
    TensorTree,
    TensorTree,
    tf.Tensor
  >;
  expect(() => resolveOptions(nothing)).toThrow(/latentPrior has no latents/);
  expect(tree.leaves(makeParams())).toHaveLength(9);
});
