/** Two local workers that are killed, hang, or come with something else. */
import { readdirSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { random } from "@ergodic/tensor";
import { expect, it } from "vitest";
import { freePorts } from "../src/cluster/local-workers.js";
import { emptyFolder, ergodic, fixtures, start, tiny, type Outcome, type Running } from "./support.js";
import { joinsClusters } from "./workers.js";

/** Persistent chains: each worker has a replay buffer of its own. */
const chains = [
  ...["toy/ebm-persistent", "--set", "training.batchSize=32", "--set", "options.examples=320"],
  ...["--set", "training.checkpointEvery=10", "--no-evaluate", "--quiet"],
];

const minutes = 60_000;

/** Starts two workers with the arguments of each. */
async function startTwo(cwd: string, ...args: readonly [readonly string[], readonly string[]]): Promise<Running[]> {
  const workers = (await freePorts(2)).map((port) => `127.0.0.1:${port}`).join(",");
  return args.map((own, task) => start(cwd, "train", ...own, "--workers", workers, "--task", String(task)));
}

const ends = (running: readonly Running[]): Promise<Outcome[]> => Promise.all(running.map(({ ended }) => ended));

const files = (run: string, iteration: number) =>
  Promise.all(
    ["checkpoints", join("workers", "1")].map((part) =>
      readFile(join(run, part, String(iteration), "tensors.safetensors")),
    ),
  );

/** Random number `i` of this file, in [0, 1). */
function uniform(i: number): number {
  const drawn = random.uniform(random.fold(random.key(26), i), [1]);
  const [value] = drawn.dataSync();
  drawn.dispose();
  return value!;
}

it.skipIf(!joinsClusters)(
  "a run whose workers are killed at 20 random moments is, byte for byte, one that was not",
  { timeout: 20 * minutes },
  async () => {
    const folder = await emptyFolder();
    const training = (out: string) => [...chains, "--set", "training.iterations=200", "--out", out];
    const began = performance.now();
    for (const { code, stderr } of await ends(await startTwo(folder, training("whole"), training("whole"))))
      expect(code, stderr).toBe(0);
    const lasted = performance.now() - began;
    for (let kill = 0; kill < 20; kill++) {
      const two = await startTwo(folder, training("killed"), training("killed"));
      const victim = kill % 2;
      await pause(Math.min(lasted * uniform(kill), lasted - 500));
      two[victim]!.process.kill("SIGKILL");
      // Before the workers have met, the other one waits for the victim to start.
      const other = two[1 - victim]!;
      const stopped = await Promise.race([other.ended, pause(30_000)]);
      if (stopped === undefined) expect(other.process.kill("SIGKILL")).toBe(true);
      else if (stopped.code !== 0) expect(stopped.stderr).toContain(`worker ${victim} at`);
      await other.ended;
    }
    for (const { code, stderr } of await ends(await startTwo(folder, training("killed"), training("killed"))))
      expect(code, stderr).toBe(0);
    const [whole, killed] = await Promise.all(["whole", "killed"].map((run) => files(join(folder, run), 200)));
    for (const part of [0, 1]) expect(killed![part]!.equals(whole![part]!)).toBe(true);
    // The buffers of the two workers differ, so each has its own.
    expect(whole![0]!.equals(whole![1]!)).toBe(false);
  },
);

it.skipIf(!joinsClusters)(
  "a worker that hangs is named, and all stop within a minute",
  { timeout: 5 * minutes },
  async () => {
    const folder = await emptyFolder();
    const training = [...chains, "--set", "training.iterations=1000000", "--out", "run"];
    for (const victim of [1, 0]) {
      const two = await startTwo(folder, training, training);
      while (!readdirSync(folder).includes("run") || !(await has(join(folder, "run", "checkpoints", "10"))))
        await pause(200);
      two[victim]!.process.kill("SIGSTOP");
      const began = performance.now();
      const { stderr, code } = await two[1 - victim]!.ended;
      expect(performance.now() - began).toBeLessThan(60_000);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(new RegExp(`worker ${victim} at .* does not answer: it hangs or cannot be reached`));
      two[victim]!.process.kill("SIGKILL");
      await two[victim]!.ended;
      await rm(join(folder, "run"), { recursive: true });
    }
  },
);

const has = (path: string): Promise<boolean> =>
  readFile(join(path, "state.json")).then(
    () => true,
    () => false,
  );

it.skipIf(!joinsClusters)(
  "workers with other settings, or another learner's drift, stop with what differs",
  async () => {
    const folder = await emptyFolder();
    const quick = ["quickstart", ...tiny, "--out", "run", "--no-evaluate", "--quiet"];
    const outcomes = await ends(await startTwo(folder, [...quick, "--seed", "1"], [...quick, "--seed", "2"]));
    for (const { code, stderr } of outcomes) {
      expect(code).toBe(1);
      expect(stderr).toMatch(/worker 1 does not fit worker 0:\n +training\.seed: 2, worker 0 has 1\n/);
    }
    expect(readdirSync(folder)).toEqual([]);

    // Its optimiser is a plain one, so gradients are not averaged.
    const own = [
      join(fixtures, "my-ebm.ts"),
      "--out",
      "own",
      "--no-evaluate",
      "--quiet",
      "--set",
      "training.iterations=4",
    ];
    for (const { code, stderr } of await ends(await startTwo(folder, own, own))) {
      expect(code).toBe(1);
      expect(stderr).toMatch(/of worker 1 is not that of worker 0\.\n +The learner must average its gradients/);
    }
  },
);

it.skipIf(!joinsClusters)(
  "the command that began a run goes on with it, and signals stop all workers together",
  async () => {
    const folder = await emptyFolder();
    const train = (run: string, iterations: number) => [
      ...["train", ...chains, "--local-workers", "2", "--out", run, "--set", `training.iterations=${iterations}`],
    ];
    const iterations = 400;
    expect((await ergodic(folder, ...train("whole", iterations))).code).toBe(0);
    const cut = start(folder, ...train("cut", iterations));
    while (!(await has(join(folder, "cut", "checkpoints", "10")))) await pause(50);
    cut.process.kill("SIGINT");
    const { code, stderr } = await cut.ended;
    expect(code, stderr).toBe(130);
    const [last] = readdirSync(join(folder, "cut", "checkpoints")).sort((a, b) => Number(b) - Number(a));
    expect(readdirSync(join(folder, "cut", "workers", "1"))).toContain(last);

    expect((await ergodic(folder, ...train("cut", iterations))).code).toBe(0);
    const [undisturbed, resumed] = await Promise.all(
      ["whole", "cut"].map((run) => files(join(folder, run), iterations)),
    );
    for (const part of [0, 1]) expect(resumed![part]!.equals(undisturbed![part]!)).toBe(true);
  },
);

it.skipIf(!joinsClusters)(
  "quickstart on two workers reaches the Fréchet distance of one, within the spread of its seeds",
  { timeout: 20 * minutes },
  async () => {
    const folder = await emptyFolder();
    const distance = async (seed: number, ...args: readonly string[]): Promise<number> => {
      const settings = ["--set", "training.iterations=600", "--seed", String(seed), "--quiet", "--json"];
      const { code, stdout, stderr } = await ergodic(folder, "train", "quickstart", ...settings, ...args);
      expect(code, stderr).toBe(0);
      return (JSON.parse(stdout) as { evaluation: { fpd: { value: number } } }).evaluation.fpd.value;
    };
    const [one, two]: [number[], number[]] = [[], []];
    for (const seed of [0, 1, 2]) {
      one.push(await distance(seed, "--engine", "tensorflow"));
      two.push(await distance(seed, "--local-workers", "2", "--patience", "300"));
    }
    const spread = Math.max(...one) - Math.min(...one);
    for (const value of two) {
      expect(value).toBeGreaterThan(Math.min(...one) - spread);
      expect(value).toBeLessThan(Math.max(...one) + spread);
    }
  },
);
