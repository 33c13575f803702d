import * as tf from "@tensorflow/tfjs-core";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { CheckpointError, DivergenceError, resolveConfig, RunFolderError, type TrainingOptions } from "../src/index.js";
import {
  dueCheckpoints,
  readMetrics,
  restoreRun,
  train,
  type Progress,
  type TrainingEvent,
} from "../src/entries/node.js";
import { temporaryFolder } from "./temporary-folder.js";
import { checkpointBytes, toyExperiment } from "./toy.js";

const enginesOnThisMachine = ["cpu", "onnx"] as const;

/** Trains the toy model in a new folder, or in the given one. */
async function run(options: {
  training?: Partial<TrainingOptions>;
  set?: Record<string, unknown>;
  folder?: string;
  resume?: boolean;
  overwrite?: boolean;
  stopAt?: number;
}) {
  const folder = options.folder ?? (await temporaryFolder());
  const experiment = toyExperiment(options.training);
  const config = resolveConfig(experiment, options.set);
  const stop = new AbortController();
  const progress: Progress[] = [];
  const events: TrainingEvent[] = [];
  const { resume = false, overwrite = false } = options;
  const result = await train({
    experiment,
    config,
    folder,
    resume,
    overwrite,
    signal: stop.signal,
    onEvent: (event) => events.push(event),
    onProgress(now) {
      progress.push(now);
      if (now.iteration === options.stopAt) stop.abort();
    },
  });
  const notices = events.flatMap((event) => (event.kind === "notice" ? [event.message] : []));
  return { folder, result, progress, events, notices };
}

async function failure<T extends Error>(
  kind: abstract new (...args: never[]) => T,
  work: Promise<unknown>,
): Promise<T> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(kind);
  return error as T;
}

const checkpoints = (folder: string) => readdir(join(folder, "checkpoints"));

describe.each(enginesOnThisMachine)("resuming on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("gives byte for byte the checkpoint of an uninterrupted run, averages included", async () => {
    const training = { averaging: 0.9 };
    const whole = await run({ training });
    const parts = await run({ training, stopAt: 4 });
    expect(parts.result).toMatchObject({ status: "interrupted", iteration: 4 });
    const second = await run({ training, folder: parts.folder, resume: true, stopAt: 8 });
    expect(second.progress.map(({ iteration }) => iteration)).toEqual([5, 6, 7, 8]);
    const last = await run({ training, folder: parts.folder, resume: true });
    expect(last.result).toMatchObject({ status: "completed", iteration: 10, metrics: whole.result.metrics });
    expect(await checkpointBytes(parts.folder, 10)).toBe(await checkpointBytes(whole.folder, 10));
  });

  it("survives a kill between any two writes of a checkpoint", async () => {
    const whole = await run({});
    const killed = await run({ stopAt: 7 });
    // The state after SIGKILL: checkpoint 7 not renamed, a log with a partial last line that is
    // ahead of the last checkpoint, a partial page.
    const path = join(killed.folder, "checkpoints");
    await rm(join(path, "7"), { recursive: true });
    await mkdir(join(path, ".tmp-99-7"));
    await writeFile(join(path, ".tmp-99-7", "tensors.safetensors"), "half");
    await writeFile(join(killed.folder, ".tmp-99-report.html"), "<ht");
    const log = join(killed.folder, "metrics.jsonl");
    await writeFile(log, `${await readFile(log, "utf8")}{"iteration":8,"lo`);
    const resumed = await run({ folder: killed.folder, resume: true });
    expect(resumed.progress[0]?.iteration).toBe(7);
    expect(await checkpointBytes(killed.folder, 10)).toBe(await checkpointBytes(whole.folder, 10));
    expect((await checkpoints(killed.folder)).sort()).toEqual(["10", "3", "6", "9"]);
    expect((await readdir(killed.folder)).filter((name) => name.startsWith("."))).toEqual([]);
    const values = async (folder: string) =>
      (await readMetrics(join(folder, "metrics.jsonl"))).map(({ iteration, loss }) => [iteration, loss]);
    expect(await values(killed.folder)).toEqual(await values(whole.folder));
  });
});

describe("train", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each([
    ["averaging and checkpoints", { averaging: 0.99, checkpointEvery: 40, sampleEvery: 70 }, true],
    ["neither", { checkpointEvery: 1000 }, false],
  ])("holds the number of tensors constant over 200 iterations with %s", async (_, training, shows) => {
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    const experiment = toyExperiment({ iterations: 200, ...training });
    const config = resolveConfig(experiment, { "options.shows": shows });
    const folder = await temporaryFolder();
    await train({ experiment, config, folder, onProgress: () => counts.push(tf.memory().numTensors) });
    expect(counts).toHaveLength(200);
    expect(new Set(counts).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("logs every logEvery-th iteration and the last, and reports progress of each", async () => {
    const { folder, progress } = await run({ training: { logEvery: 4 } });
    const lines = await readMetrics(join(folder, "metrics.jsonl"));
    expect(lines.map(({ iteration }) => iteration)).toEqual([4, 8, 10]);
    expect(Object.keys(lines[0] ?? {})).toEqual(["iteration", "seconds", "loss", "iteration2"]);
    expect(lines[1]?.loss).toBe(progress[7]?.metrics["loss"]);
    expect(progress.map(({ iteration, iterations }) => [iteration, iterations])).toEqual(
      Array.from({ length: 10 }, (_, i) => [i + 1, 10]),
    );
    expect(progress.every(({ iterationsPerSecond, secondsLeft }) => iterationsPerSecond > 0 && secondsLeft >= 0)).toBe(
      true,
    );
    expect(progress.at(-1)?.secondsLeft).toBe(0);
  });

  it("keeps the newest checkpoints", async () => {
    const { folder, result } = await run({ training: { checkpointEvery: 2, keepCheckpoints: 2 } });
    expect((await checkpoints(folder)).map(Number).sort((a, b) => a - b)).toEqual([8, 10]);
    expect(result.checkpoint).toBe(join(folder, "checkpoints", "10"));
  });

  it("keeps as many checkpoints that were due, whatever interruptions came between", async () => {
    const training = { checkpointEvery: 2, keepCheckpoints: 3 };
    const { folder } = await run({ training, stopAt: 5 });
    await run({ training, folder, resume: true, stopAt: 7 });
    await run({ training, folder, resume: true, stopAt: 9 });
    const { result } = await run({ training, folder, resume: true });
    expect((await checkpoints(folder)).map(Number).sort((a, b) => a - b)).toEqual([6, 8, 9, 10]);
    expect(await dueCheckpoints(join(folder, "checkpoints"), 2)).toEqual([6, 8, 10]);
    const opened = await restoreRun({ experiment: toyExperiment(training), folder });
    const before = await opened.stateAt(8);
    expect([before, opened.state].map(({ counter }) => counter.dataSync()[0])).toEqual([8, 10]);
    await expect(opened.stateAt(4)).rejects.toThrow(/4/);
    expect(result.status).toBe("completed");
    opened.dispose();
  });

  it("writes the run's record, grids, reconstructions, diagnostics and a page that needs nothing else", async () => {
    const { folder, result, events } = await run({ training: { sampleEvery: 5 }, set: { "options.shows": true } });
    expect((await readdir(join(folder, "samples"))).sort()).toEqual(
      ["0000005.png", "0000010.png", "reconstruction-0000005.png", "reconstruction-0000010.png"].sort(),
    );
    expect(events.filter(({ kind }) => kind === "samples")).toHaveLength(2);
    const record = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as Record<string, unknown>;
    expect(record).toMatchObject({
      format: "ergodic-run",
      experiment: "toy",
      seed: 5,
      data: "ten points",
      engine: { name: "cpu" },
    });
    const page = await readFile(result.report, "utf8");
    expect(page.match(/data:image\/png;base64,/g)).toHaveLength(3);
    expect(page).toContain("energy along the chain");
    expect(page).toContain("toy &lt;model&gt; &amp; co");
    expect(page).toContain("training.batchSize");
    expect(page).not.toMatch(/(?:src|href)="(?!data:)|@import|url\(/);
  });

  it("restores the averaged parameters for use, or the last ones", async () => {
    const { folder } = await run({ training: { averaging: 0.9 } });
    const experiment = toyExperiment({ averaging: 0.9 });
    const before = tf.memory().numTensors;
    const averaged = await restoreRun({ experiment, folder });
    const last = await restoreRun({ experiment, folder, averaged: false });
    expect(averaged.iteration).toBe(10);
    expect(await averaged.state.params.weight.data()).not.toEqual(await last.state.params.weight.data());
    expect(await averaged.state.counter.data()).toEqual(Int32Array.of(10));
    averaged.dispose();
    last.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("does nothing more when a finished run is resumed, and goes on when it is given more iterations", async () => {
    const { folder } = await run({});
    const again = await run({ folder, resume: true });
    expect(again.progress).toEqual([]);
    expect(again.result.status).toBe("completed");
    const longer = await run({ folder, resume: true, training: { iterations: 12 } });
    expect(longer.progress.map(({ iteration }) => iteration)).toEqual([11, 12]);
    const whole = await run({ training: { iterations: 12 } });
    expect(await checkpointBytes(folder, 12)).toBe(await checkpointBytes(whole.folder, 12));
  });

  it("starts again, and says so, when a run was killed before its first checkpoint", async () => {
    const { folder } = await run({ stopAt: 2 });
    await rm(join(folder, "checkpoints"), { recursive: true });
    const { notices, progress } = await run({ folder, resume: true });
    expect(notices).toEqual([expect.stringContaining("no checkpoint yet")]);
    expect(progress).toHaveLength(10);
  });
});

describe("divergence", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("stops at a metric that is not finite, explains, and keeps the last good checkpoint", async () => {
    const good = await run({});
    const folder = await temporaryFolder();
    const before = tf.memory().numTensors;
    const error = await failure(DivergenceError, run({ folder, set: { "options.breakAt": 8 } }));
    expect(tf.memory().numTensors).toBe(before);
    expect(error).toMatchObject({ metric: "loss", iteration: 8, lastFinite: { iteration2: 49 } });
    expect(error.message).toMatch(
      /^training diverged: loss is NaN at iteration 8\.\n.*before had loss .*, iteration2 49\./,
    );
    expect(error.message).toContain(`The last good checkpoint is ${join(folder, "checkpoints", "6")}`);
    expect(error.message).toMatch(/learning rate.*gradients.*Langevin steps.*seed/);
    expect((await checkpoints(folder)).sort()).toEqual(["3", "6"]);
    const weights = (path: string) => readFile(join(path, "checkpoints", "6", "tensors.safetensors"));
    expect(await weights(folder)).toEqual(await weights(good.folder));
    expect((await readMetrics(join(folder, "metrics.jsonl"))).at(-1)?.iteration).toBe(7);
    expect(await readFile(join(folder, "report.html"), "utf8")).toContain("training diverged: loss is NaN");
  });

  it("never saves parameters that are not finite, though the metrics are", async () => {
    const folder = await temporaryFolder();
    const error = await failure(DivergenceError, run({ folder, set: { "options.spoilAt": 6 } }));
    expect(error).toMatchObject({ metric: "state.params.bias", iteration: 6 });
    expect(await checkpoints(folder)).toEqual(["3"]);
  });
});

describe("checkpoints that can't be used", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  const tensorsOf = (folder: string, iteration: number) =>
    join(folder, "checkpoints", `${iteration}`, "tensors.safetensors");
  const stateOf = (folder: string, iteration: number) => join(folder, "checkpoints", `${iteration}`, "state.json");
  const edit = async (path: string, change: (text: string) => string) =>
    writeFile(path, change(await readFile(path, "utf8")));

  it("passes over a damaged one, says so, and ends where it would have", async () => {
    const whole = await run({});
    const { folder } = await run({ stopAt: 7 });
    const bytes = await readFile(tensorsOf(folder, 7));
    await writeFile(tensorsOf(folder, 7), bytes.subarray(0, bytes.length - 3));
    const restored = await restoreRun({ experiment: toyExperiment(), folder });
    expect([restored.iteration, restored.unusable.length]).toEqual([6, 1]);
    restored.dispose();
    const { notices, progress } = await run({ folder, resume: true });
    expect(notices).toEqual([
      expect.stringMatching(/checkpoint .*7 is damaged: .*Continuing from an older one/),
      expect.stringMatching(/checkpoint 7 was renamed to .*7\.unusable/),
    ]);
    expect(progress[0]?.iteration).toBe(7);
    expect(await checkpointBytes(folder, 10)).toBe(await checkpointBytes(whole.folder, 10));
  });

  it.each([
    [
      "truncated",
      async (folder: string) => writeFile(tensorsOf(folder, 2), ""),
      /tensors\.safetensors: the file has 0 bytes/,
    ],
    [
      "altered",
      async (folder: string) => {
        const bytes = await readFile(tensorsOf(folder, 2));
        bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
        await writeFile(tensorsOf(folder, 2), bytes);
      },
      /does not match its checksum/,
    ],
    ["without state.json", async (folder: string) => rm(stateOf(folder, 2)), /state\.json is missing/],
    [
      "with half a state.json",
      async (folder: string) => edit(stateOf(folder, 2), (s) => s.slice(0, 40)),
      /not the record of a/,
    ],
  ])("refuses the only one when it is %s", async (_, damage, problem) => {
    const { folder } = await run({ stopAt: 2 });
    await damage(folder);
    const error = await failure(CheckpointError, run({ folder, resume: true }));
    expect(error).toMatchObject({ reason: "damaged" });
    expect(error.message).toMatch(problem);
    expect(error.remedy).toContain("Delete it");
  });

  it("refuses another version, another configuration and another model, naming the difference", async () => {
    const { folder } = await run({ stopAt: 2 });
    const config = await failure(
      CheckpointError,
      run({ folder, resume: true, set: { "options.rate": 0.5, "training.seed": 9 } }),
    );
    expect(config.reason).toBe("incompatible");
    expect(config.message).toContain("training.seed: was 5, is 9");
    expect(config.message).toContain("options.rate: was 0.01, is 0.5");

    const experiment = toyExperiment();
    const other = {
      ...experiment,
      model: (...given: Parameters<typeof experiment.model>) => {
        const learner = experiment.model(...given);
        return {
          ...learner,
          init: async (...args: Parameters<typeof learner.init>) => {
            const state = await learner.init(...args);
            state.params.weight.dispose();
            return { ...state, params: { ...state.params, weight: tf.zeros<tf.Rank.R1>([4]) }, extra: tf.scalar(1) };
          },
        };
      },
    };
    const model = await failure(CheckpointError, train({ experiment: other, folder, resume: true }));
    expect(model.message).toContain("state.params.weight: float32 [3] in the checkpoint, the model has float32 [4]");
    expect(model.message).toContain("state.extra: not in the checkpoint");

    await edit(stateOf(folder, 2), (text) => text.replace('"version": 1', '"version": 2'));
    const version = await failure(CheckpointError, run({ folder, resume: true }));
    expect(version.message).toContain("format version 2; this program reads version 1");
  });

  it("refuses to resume beyond what is asked for", async () => {
    const { folder } = await run({});
    const error = await failure(CheckpointError, run({ folder, resume: true, training: { iterations: 5 } }));
    expect(error.message).toContain("has 10 iterations; training.iterations is 5");
  });
});

describe("run folders", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("does not touch a folder that holds a run, or anything else, without being told", async () => {
    const { folder } = await run({});
    const bytes = await checkpointBytes(folder, 10);
    expect((await failure(RunFolderError, run({ folder }))).message).toContain("already holds a run");
    expect(await checkpointBytes(folder, 10)).toBe(bytes);

    const strange = await temporaryFolder();
    await writeFile(join(strange, "thesis.tex"), "precious");
    const refused = await failure(RunFolderError, run({ folder: strange }));
    expect(refused.message).toContain("is not empty and is not a run (it holds thesis.tex)");
    expect(await readdir(strange)).toEqual(["thesis.tex"]);
    expect((await failure(RunFolderError, run({ folder: strange, resume: true }))).message).toContain(
      "has no config.json",
    );

    await run({ folder: strange, overwrite: true });
    expect(await readFile(join(strange, "thesis.tex"), "utf8")).toBe("precious");
    expect((await run({ folder, overwrite: true })).result.status).toBe("completed");
  });

  it("tells a file in the way, and a place where nothing can be made", async () => {
    const parent = await temporaryFolder();
    await writeFile(join(parent, "file"), "");
    const inTheWay = await failure(RunFolderError, run({ folder: join(parent, "file") }));
    expect(inTheWay.message).toMatch(/can't use .*file: a file of that name is in the way \(EEXIST\)/);
    const below = await failure(RunFolderError, run({ folder: join(parent, "file", "run") }));
    expect(below.message).toMatch(/a part of the path is a file/);
  });
});
