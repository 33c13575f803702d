/** Diverging runs: detected while finite, explained, rolled back if configured, and failed. */
import * as tf from "@tensorflow/tfjs-core";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { defineExperiment, DivergenceError, resolveConfig, type TrainingOptions } from "../src/index.js";
import { readMetrics, readRunRecord, restoreRun, train, type TrainingEvent } from "../src/entries/node.js";
import { temporaryFolder } from "./temporary-folder.js";
import { checkpointBytes, toyExperiment } from "./toy.js";

beforeAll(async () => {
  await useEngine("cpu");
});

async function divergence(work: Promise<unknown>): Promise<DivergenceError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DivergenceError);
  return error as DivergenceError;
}

interface Script {
  /**
   * The metric of iteration t, counted from 1. `fresh` is a number that depends only on the key.
   */
  readonly metric: (t: number, fresh: number, rate: number) => number;
  /** The batch of iteration t, counted from 1. */
  readonly batch?: (t: number) => tf.Tensor;
  readonly scale?: readonly [number, number];
  readonly limits?: Readonly<Record<string, number>>;
}

/**
 * A learner with a scripted metric. It counts, draws one number per iteration and keeps their sum.
 */
function scripted(
  { metric, batch = () => tf.tensor1d([-1, 0.5]), scale, limits }: Script,
  training: Partial<TrainingOptions>,
) {
  return defineExperiment({
    name: "scripted",
    options: z.object({
      energyRate: z.number().default(10),
      prior: z.object({ steps: z.number().default(60), stepSize: z.number().default(0.4) }).prefault({}),
    }),
    data: {
      load: async () => ({
        description: "a script",
        size: 2,
        ...(scale && { scale }),
        batches: () => ({ perEpoch: 1, at: (iteration: number) => ({ points: batch(iteration + 1) }) }),
      }),
    },
    model: {
      ...(limits && { limits }),
      init: async () => ({ params: { sum: tf.scalar(0) }, count: tf.scalar(0) }),
      async update(state: { params: { sum: tf.Tensor }; count: tf.Tensor }, _: unknown, { key, rate = 1 }) {
        const [fresh = 0] = random.host.uniform(key, 1);
        const t = state.count.dataSync()[0]! + 1;
        const params = { sum: tf.add(state.params.sum, fresh) };
        return { state: { params, count: tf.scalar(t) }, metrics: { energyGap: metric(t, fresh, rate) } };
      },
    },
    training: { iterations: 60, batchSize: 1, checkpointEvery: 10, sampleEvery: 100, logEvery: 1, ...training },
  });
}

const checkpoints = async (folder: string) =>
  (await readdir(join(folder, "checkpoints"))).map(Number).sort((a, b) => a - b);

describe("a finite explosion", () => {
  const explodes = (at: number) => (t: number) => (t < at ? 0.5 : 1e19);

  it("of a real learner with an absurd rate fails while its numbers are finite, and its page says so", async () => {
    const folder = await temporaryFolder();
    const before = tf.memory().numTensors;
    const experiment = toyExperiment({ iterations: 400, checkpointEvery: 1 });
    const config = resolveConfig(experiment, { "options.rate": 0.9 });
    const error = await divergence(train({ experiment, config, folder }));
    expect(tf.memory().numTensors).toBe(before);
    expect(error).toMatchObject({ metric: "loss", reason: "rates" });
    expect(Number.isFinite(error.value)).toBe(true);
    expect(error.message).toMatch(
      /^training diverged: loss is .*e\+\d+ at iteration \d+, beyond .*, since iteration \d+\./,
    );
    expect(error.message).toMatch(/The data are as expected \(x from .* to .*\)\. Learning made it so: rates/);
    expect(error.remedy).toContain("--set options.rate=0.09");
    const page = await readFile(join(folder, "report.html"), "utf8");
    expect(page).toContain("failed: diverged");
    // The newest checkpoint precedes the explosion.
    const since = Number(/since iteration (\d+)/.exec(error.message)?.[1]);
    expect(Math.max(...(await checkpoints(folder)))).toBe(since - 1);
  });

  it("is noticed within five iterations, and no checkpoint is written meanwhile", async () => {
    const folder = await temporaryFolder();
    const experiment = scripted({ metric: explodes(28) }, { keepCheckpoints: 1 });
    const error = await divergence(train({ experiment, folder }));
    expect(error).toMatchObject({ metric: "energyGap", iteration: 32 });
    expect(error.message).toContain(`The last good checkpoint is ${join(folder, "checkpoints", "20")}`);
    expect(await checkpoints(folder)).toEqual([20]);
    const restored = await restoreRun({ experiment, folder });
    expect(restored.iteration).toBe(20);
    restored.dispose();
  });

  it("fails a run that ends, or is stopped, before it has lasted", async () => {
    const short = scripted({ metric: explodes(12) }, { iterations: 13 });
    expect(await divergence(train({ experiment: short, folder: await temporaryFolder() }))).toMatchObject({
      iteration: 13,
    });
    const stop = new AbortController();
    const onProgress = ({ iteration }: { iteration: number }) => iteration === 12 && stop.abort();
    const experiment = scripted({ metric: explodes(12) }, {});
    const stopped = train({ experiment, folder: await temporaryFolder(), onProgress, signal: stop.signal });
    expect(await divergence(stopped)).toMatchObject({ iteration: 12 });
  });

  it("that passes delays a checkpoint and nothing else", async () => {
    const folder = await temporaryFolder();
    const experiment = scripted({ metric: (t) => (t >= 18 && t <= 21 ? 1e19 : 0.5) }, { keepCheckpoints: 9 });
    expect((await train({ experiment, folder })).status).toBe("completed");
    expect(await checkpoints(folder)).toEqual([10, 22, 30, 40, 50, 60]);
  });

  it("is let pass where the guard is off", async () => {
    const experiment = scripted({ metric: explodes(28) }, { guard: false });
    expect((await train({ experiment, folder: await temporaryFolder() })).status).toBe("completed");
  });
});

describe("the explanation", () => {
  const fine = () => tf.tensor1d([-1, 0.5]);
  const gap = (t: number) => (t < 28 ? 0.5 : 1e19);
  const message = async (script: Script, training: Partial<TrainingOptions> = {}) => {
    const before = tf.memory().numTensors;
    const error = await divergence(train({ experiment: scripted(script, training), folder: await temporaryFolder() }));
    expect(tf.memory().numTensors).toBe(before);
    return error;
  };

  it("names the steps where nothing had been learned, and their setting", async () => {
    const { reason, message: text, remedy } = await message({ metric: () => Infinity });
    expect(reason).toBe("steps");
    expect(text).toContain("The data are as expected (points from -1 to 0.5). It was so in the first iteration");
    expect(remedy).toBe("What helps: fewer or smaller Langevin steps. For instance --set options.prior.stepSize=0.04.");
  });

  it("names the rates first where learning made it so", async () => {
    const { reason, remedy } = await message({ metric: gap });
    expect(reason).toBe("rates");
    expect(remedy).toContain("For instance --set options.energyRate=1, or --set options.prior.stepSize=0.04.");
  });

  it.each<[string, Script["batch"], string]>([
    [
      "NaN in one batch",
      (t) => (t === 27 ? tf.tensor1d([1, NaN, Infinity]) : fine()),
      "points of the batch of iteration 27 has 2 values that are NaN or infinite among 3",
    ],
    [
      "one batch scaled by 1000",
      (t) => (t === 27 ? tf.tensor1d([-1000, 500]) : fine()),
      "points of the batch of iteration 27 reaches from -1000 to 500, the first batches to 1",
    ],
    [
      "all batches scaled by 1000",
      () => tf.tensor1d([-1000, 500]),
      "points of the batch of iteration 1 reaches from -1000 to 500, expected numbers of about 1",
    ],
  ])("names the data: %s", async (_, batch, text) => {
    const error = await message({ metric: gap, batch: batch! });
    expect(error.reason).toBe("data");
    expect(error.message).toContain(`The data are the cause: ${text}`);
    expect(error.remedy).toContain("remove such values");
  });

  it("takes the range of images from their data set", async () => {
    const images = (value: number) => () => tf.fill([1, 2, 2, 1], value);
    expect((await message({ metric: gap, batch: images(1.5), scale: [-1, 1] })).message).toContain(
      "reaches from 1.5 to 1.5, expected images in [-1, 1]",
    );
    expect((await message({ metric: gap, batch: images(0.5), scale: [0, 1] })).reason).toBe("rates");
    expect((await message({ metric: gap, batch: images(255), scale: [0, 255] })).reason).toBe("data");
  });

  it("finds the data behind a metric that is not finite, as behind one that is", async () => {
    const nan = {
      metric: (t: number) => (t < 28 ? 0.5 : NaN),
      batch: (t: number) => (t === 28 ? tf.tensor1d([NaN]) : fine()),
    };
    expect((await message(nan)).message).toContain("points of the batch of iteration 28 has 1 value that is NaN");
  });
});

describe("a run that may roll back", () => {
  /** Diverges to `value` at iteration 25, for the first key it sees there. */
  const unlucky = (value: number) => {
    let first: number | undefined;
    return (t: number, fresh: number) => {
      if (t === 25) first ??= fresh;
      return t >= 25 && first === fresh ? value : 0.5;
    };
  };

  async function rolling(value: number, training: Partial<TrainingOptions> = {}) {
    const folder = await temporaryFolder();
    const events: TrainingEvent[] = [];
    const experiment = scripted({ metric: unlucky(value) }, { rollbacks: 2, averaging: 0.9, ...training });
    const work = train({ experiment, folder, onEvent: (event) => events.push(event) });
    return { folder, work, notices: () => events.flatMap((e) => (e.kind === "notice" ? [e.message] : [])) };
  }

  it("goes on from the last good checkpoint with other numbers, and says so", async () => {
    const before = tf.memory().numTensors;
    const { folder, work, notices } = await rolling(NaN);
    expect((await work).status).toBe("completed");
    expect(tf.memory().numTensors).toBe(before);
    expect(notices()).toEqual([
      expect.stringMatching(
        /^training diverged: energyGap is NaN at iteration 25\.[^]*Rolled back to iteration 20 \(1 of 2\)\.$/,
      ),
    ]);
    expect((await readRunRecord(folder)).rolledBack).toEqual([{ from: 25, to: 20 }]);
    expect((await readMetrics(join(folder, "metrics.jsonl"))).map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    const plain = await temporaryFolder();
    await train({ experiment: scripted({ metric: () => 0.5 }, { averaging: 0.9, keepCheckpoints: 9 }), folder: plain });
    expect(await checkpointBytes(folder, 60)).not.toBe(await checkpointBytes(plain, 60));
  });

  it("ends, stopped and resumed, with the bytes of one that was not stopped", async () => {
    const whole = await rolling(NaN);
    await whole.work;
    const { folder, work } = await rolling(NaN, { iterations: 34 });
    await work;
    const experiment = scripted({ metric: () => 0.5 }, { rollbacks: 2, averaging: 0.9 });
    await train({ experiment, folder, resume: true });
    expect(await checkpointBytes(folder, 60)).toBe(await checkpointBytes(whole.folder, 60));
  });

  it("fails after so many attempts, with the last good checkpoint in place", async () => {
    const folder = await temporaryFolder();
    const experiment = scripted({ metric: (t) => (t < 25 ? 0.5 : 1e19) }, { rollbacks: 2 });
    await divergence(train({ experiment, folder }));
    expect((await readRunRecord(folder)).rolledBack).toEqual([
      { from: 29, to: 20 },
      { from: 29, to: 20 },
    ]);
    expect(await checkpoints(folder)).toEqual([10, 20]);
  });

  it("begins anew where there is no checkpoint, and fails at once where the data are at fault", async () => {
    let attempts = 0;
    const metric = (t: number) => (t === 3 && (attempts += 1) === 1 ? NaN : 0.5);
    const folder = await temporaryFolder();
    expect((await train({ experiment: scripted({ metric }, { rollbacks: 1 }), folder })).iteration).toBe(60);
    expect((await readRunRecord(folder)).rolledBack).toEqual([{ from: 3, to: 0 }]);

    const bad = scripted({ metric: (t) => (t < 8 ? 0.5 : NaN), batch: () => tf.tensor1d([NaN]) }, { rollbacks: 5 });
    const place = await temporaryFolder();
    expect((await divergence(train({ experiment: bad, folder: place }))).reason).toBe("data");
    expect((await readRunRecord(place)).rolledBack).toBeUndefined();
  });
});

describe("a learner with limits", () => {
  /** Drifts beyond 2 from iteration 25 on, unless its rate is a ninth or less. */
  const drifting = (t: number, _: number, rate: number) => (t >= 25 && rate > 0.2 ? 2.5 : 0.5 + rate);
  const learner = { metric: drifting, limits: { energyGap: 2 } };

  async function training(options: Partial<TrainingOptions> = {}) {
    const folder = await temporaryFolder();
    const notices: string[] = [];
    const result = await train({
      experiment: scripted(learner, { averaging: 0.9, ...options }),
      folder,
      onEvent: (event) => event.kind === "notice" && notices.push(event.message),
    });
    return { folder, notices, result };
  }

  it("returns to its last good checkpoint at a third of the rate, says so, and keeps it in its metrics", async () => {
    const { folder, notices, result } = await training();
    expect(result.status).toBe("completed");
    expect(notices).toHaveLength(2);
    expect(notices[0]).toMatch(/^training diverged: energyGap is 2\.50 at iteration 25, beyond 2\./);
    expect(notices[0]).toMatch(/Rolled back to iteration 20 \(1 of 5\)\. From there learning rates are 0\.333 times/);
    expect(notices[1]).toMatch(/\(2 of 5\)\. From there learning rates are 0\.111 times those of the start\.$/);
    const lines = await readMetrics(join(folder, "metrics.jsonl"));
    expect(lines[19]).not.toHaveProperty("rate");
    for (const line of lines.slice(20)) expect(line).toMatchObject({ rollbacks: 2, rate: 1 / 9 });
    expect(lines.at(-1)!["energyGap"]).toBeCloseTo(0.5 + 1 / 9);
  });

  it("ends, stopped and resumed, with the bytes of one that was not stopped", async () => {
    const whole = await training();
    const { folder } = await training({ iterations: 34 });
    await train({ experiment: scripted(learner, { averaging: 0.9 }), folder, resume: true });
    expect(await checkpointBytes(folder, 60)).toBe(await checkpointBytes(whole.folder, 60));
    const rates = async (of: string) => (await readMetrics(join(of, "metrics.jsonl"))).map(({ rate }) => rate);
    expect(await rates(folder)).toEqual(await rates(whole.folder));
  });

  it("fails where the configuration permits no return, and runs on without its guard", async () => {
    const folder = await temporaryFolder();
    const error = await divergence(train({ experiment: scripted(learner, { rollbacks: 0 }), folder }));
    expect(error).toMatchObject({ metric: "energyGap", iteration: 25 });
    expect((await training({ guard: false })).notices).toEqual([]);
  });
});
