/**
 * The presets of neural transport in the plane, trained and compared with known densities,
 * partition functions and chains.
 *
 * Bands come from a prototype of arXiv 2006.06897 with the same sizes. A second learner of eight
 * Gaussians has a mild tilt, learned by maximum likelihood alone. Chains over points, on the same
 * density, stay in their mode.
 */
import { useEngine } from "@ergodic/engine";
import { checkerboard, gaussianRing, twoMoons, type PointBatch, type PointDistribution } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { realNvp } from "@ergodic/flows";
import { importancePartition, neuralTransport } from "@ergodic/neural-transport";
import { adam, clipped, cosine, initializers } from "@ergodic/nn";
import { random } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import board from "../src/presets/toy/neural-transport-checkerboard.js";
import gaussians from "../src/presets/toy/neural-transport-gaussians.js";
import moons from "../src/presets/toy/neural-transport-moons.js";
import { advanced } from "./advanced.js";
import { meanDensities, walk, type TiltedFlow, type TiltedFlowState, type WalkOptions } from "./tilted-flows.js";
import { histogram, mixing, totalVariation } from "./toys.js";

beforeAll(() => useEngine("onnx"));

const batchSize = 512;
const ring = gaussianRing({ count: 8, radius: 3, sd: 0.25 });

type ToyLearner = TiltedFlow<PointBatch>;

/**
 * The learner of an experiment with its full type. Experiments expose only what the training loop
 * needs.
 */
const learnerOf = (experiment: typeof gaussians): ToyLearner =>
  experiment.model(experiment.options.parse({}), experiment.training) as unknown as ToyLearner;

/** Mean -log q and, with `logPartition` as log Z, mean -log p of points, in nats. */
async function nats(learner: ToyLearner, state: TiltedFlowState, points: tf.Tensor, logPartition: number) {
  const { flow, tilt } = await meanDensities(learner, state, points);
  return { flow: -flow, tilted: logPartition - flow - tilt };
}

const fitted = { warmUpSteps: 200, stepSize: { targetAcceptance: 0.8 } };

interface Toy {
  readonly experiment: typeof gaussians;
  readonly points: PointDistribution;
  /** Nats of the flow, after the contrastive start, and after maximum likelihood. */
  readonly expected: { readonly flow: number; readonly contrastive: number; readonly likelihood: number };
  /** How far the nats of the flow may be from those. */
  readonly flowBand: number;
  readonly modes: number;
}

const toys: Readonly<Record<string, Toy>> = {
  "eight Gaussians": {
    experiment: gaussians,
    points: ring,
    expected: { flow: 2.66, contrastive: 2.19, likelihood: 2.21 },
    // Flows of eight keys had 2.58 to 2.75, a standard deviation of 0.05.
    flowBand: 0.3,
    modes: 8,
  },
  "a checkerboard": {
    experiment: board,
    points: checkerboard(),
    expected: { flow: 3.86, contrastive: 3.565, likelihood: 3.568 },
    flowBand: 0.1,
    modes: 8,
  },
  "two moons": {
    experiment: moons,
    points: twoMoons({ noise: 0.05 }),
    expected: { flow: 1.8, contrastive: 1.707, likelihood: 1.706 },
    flowBand: 0.1,
    modes: 2,
  },
};

describe.each(Object.entries(toys))("%s", (name, { experiment, points, expected, flowBand, modes }) => {
  const options = experiment.options.parse({});
  const phases = experiment.training.phases!;
  const learner = learnerOf(experiment);
  const heldOut = () => points.sample(random.key("held out"), 20_000);
  let state: TiltedFlowState;

  /** log Z of the current state, by 16,384 weights. */
  const partition = () => importancePartition(learner.model, state.params, { draws: 16_384, key: random.key(1) });

  /** Mixing diagnostics of chains in noise or over points. */
  const walked = async (space: "latent" | "data", options: Pick<WalkOptions, "start" | "key" | "jumps">) => {
    const { label } = learner.chains(state, { points: points.sample(random.key(4), 8) })[space];
    const { latentEnergy, dataEnergy } = learner.model;
    const energy = (space === "latent" ? latentEnergy : dataEnergy!)(state.params);
    const { positions, ...chains } = await walk(energy, { ...fitted, leapfrogSteps: 8, draws: 550, ...options });
    return { ...chains, ...mixing(positions, (at) => label!(at)) };
  };

  it("has a flow and a tilt in their bands, and log Z where the classifier says", async () => {
    const data = await experiment.data(options).load();
    const ends = phases.flow! + phases.contrastive!;
    const first = data.batches({ batchSize, key: random.key("order") }).at(0);
    state = await advanced(learner, data, await learner.init(random.key(0), first), {
      from: 0,
      to: ends,
      batchSize,
      phases,
    });
    const { logPartition, effectiveShare } = await partition();
    const logit = (await state.tilt.logit.data())[0]!;
    const reached = await nats(learner, state, heldOut(), logPartition);
    console.log(name, { ...reached, logPartition, logit, effectiveShare });
    expect(Math.abs(reached.flow - expected.flow)).toBeLessThan(flowBand);
    expect(Math.abs(reached.tilted - expected.contrastive)).toBeLessThan(0.1);
    expect(reached.tilted).toBeLessThan(reached.flow);
    expect(Math.abs(logit + logPartition)).toBeLessThan(0.05);
    expect(effectiveShare).toBeGreaterThan(0.2);
    expect(state.tilt.optimizer.skipped.dataSync()[0]).toBe(0);
  });

  it("makes points far closer to the data than its flow", async () => {
    const truth = histogram(points.sampleArray(random.key("truth"), 1_000_000));
    const distance = (draws: Float32Array): number => totalVariation(histogram(draws), truth);
    const floor = distance(points.sampleArray(random.key("floor"), 4_000));
    const flow = distance((await learner.sampleReference(state, random.key(2), 4_000)).dataSync<"float32">());
    const made = await learner.sample(state, random.key(3), 4_000);
    const tilted = distance(made.dataSync<"float32">());
    console.log(name, { floor, flow, tilted });
    expect(tilted).toBeLessThan(floor + 0.05);
    if (name !== "two moons") expect(tilted).toBeLessThan(0.6 * flow);
  });

  it("mixes in noise with jumps", async () => {
    const found = await walked("latent", {
      start: random.normal(random.key(5), [8, 2]),
      key: random.key(6),
      jumps: true,
    });
    console.log(name, found);
    expect(found.rHat).toBeLessThan(1.01);
    expect(found.essBulk).toBeGreaterThan(100);
    expect(found.hopRate).toBeGreaterThan(0.2);
    expect(found.visited.every((count) => count >= modes)).toBe(true);
  });

  if (name === "eight Gaussians") {
    it("gives every mode its weight", async () => {
      const many = await learner.sample(state, random.key(7), 8_000);
      const { label } = learner.chains(state, { points: points.sample(random.key(4), 8) }).data;
      const counts = new Array<number>(8).fill(0);
      label!(many)
        .dataSync()
        .forEach((k) => counts[k]!++);
      console.log(
        name,
        "weights",
        counts.map((count) => count / 8_000),
      );
      counts.forEach((count) => expect(Math.abs(count / 8_000 - 1 / 8)).toBeLessThan(0.02));
    });

    it("hardly mixes in noise without jumps: the energy has learned walls", async () => {
      const found = await walked("latent", { start: random.normal(random.key(5), [8, 2]), key: random.key(6) });
      console.log(name, "without jumps", found);
      expect(found.hopRate).toBeLessThan(0.05);
      expect(found.rHat).toBeGreaterThan(1.1);
    });

    it("does not mix over points", async () => {
      // Chains of the same density, started from data.
      const found = await walked("data", { start: ring.sample(random.key(8), 8), key: random.key(9) });
      console.log(name, "over points", found);
      expect(found.rHat).toBeGreaterThan(1.5);
      // One hop in a thousand steps, as here, is 0.5 per chain. Most chains visit one or two modes,
      // and one of eight may visit a third.
      expect(found.hopRate).toBeLessThan(0.005);
      expect(found.visited.reduce((sum, count) => sum + count, 0) / found.visited.length).toBeLessThan(2);
    });
  }

  it("stays there under maximum likelihood", async () => {
    const data = await experiment.data(options).load();
    const from = phases.flow! + phases.contrastive!;
    state = await advanced(learner, data, state, { from, to: experiment.training.iterations, batchSize, phases });
    const { logPartition, effectiveShare } = await partition();
    const { tilted } = await nats(learner, state, heldOut(), logPartition);
    console.log(name, "after maximum likelihood", { tilted, effectiveShare });
    expect(Math.abs(tilted - expected.likelihood)).toBeLessThan(0.1);
  });
});

describe("eight Gaussians with a mild tilt", () => {
  it("mix in noise without jumps", async () => {
    const phases = { flow: 2_000, likelihood: 800 };
    const zeros = { weight: initializers.zeros, bias: initializers.zeros };
    const learner = neuralTransport({
      flow: realNvp({ features: 2 }),
      energy: mlpEnergy({ in: 2, widths: [128, 128, 128], activation: "swish", headInit: zeros }),
      optimizers: {
        flow: clipped(adam({ learningRate: cosine({ initial: 2e-3, steps: phases.flow }) }), { maxNorm: 50 }),
        energy: clipped(adam({ learningRate: 1e-4 }), { maxNorm: 5 }),
      },
      observe: (batch: PointBatch) => batch.points,
      // At a rate of 1e-3 the energy learns faster than these chains mix, and diverges. It also did
      // at 2e-4 with a tenth of this penalty.
      chains: { count: batchSize, transitions: 4, reinitialise: 1, jumps: false },
      penalty: 1e-2,
    });
    const data = await ring.source({ size: 200 * batchSize }).load();
    const first = data.batches({ batchSize, key: random.key("order") }).at(0);
    const to = phases.flow + phases.likelihood;
    const state = await advanced(learner, data, await learner.init(random.key(0), first), {
      from: 0,
      to,
      batchSize,
      phases,
    });
    const { logPartition, effectiveShare } = await importancePartition(learner.model, state.params, {
      draws: 16_384,
      key: random.key(1),
    });
    const heldOut = ring.sample(random.key("held out"), 20_000);
    const reached = await nats(learner, state, heldOut, logPartition);
    const { label } = learnerOf(gaussians).chains(state, { points: heldOut }).latent;
    const { positions, ...chains } = await walk(learner.model.latentEnergy(state.params), {
      ...fitted,
      start: random.normal(random.key(5), [8, 2]),
      leapfrogSteps: 10,
      draws: 1_500,
      key: random.key(6),
    });
    const found = mixing(positions, (z) => label!(z));
    console.log("mild", { ...reached, effectiveShare, ...chains, ...found });
    expect(reached.tilted).toBeLessThan(reached.flow);
    expect(found.rHat).toBeLessThan(1.01);
    expect(found.hopRate).toBeGreaterThan(0.2);
  });
});
