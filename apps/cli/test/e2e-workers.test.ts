/** `ergodic train` with two local workers, end to end. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openSafetensors } from "@ergodic/formats/node";
import { expect, it } from "vitest";
import { emptyFolder, inOwnProcess, expectOneMessage, fixtures } from "./support.js";
import { joinsClusters } from "./workers.js";

const regression = join(fixtures, "regression.ts");

async function tensors(run: string): Promise<Map<string, number[]>> {
  const file = await openSafetensors(join(run, "checkpoints", "30", "tensors.safetensors"));
  const found = new Map<string, number[]>();
  for (const name of file.names) {
    const values: number[] = [];
    for await (const part of (await file.open(name)).pieces(1_000)) values.push(...Array.from(part, Number));
    found.set(name, values);
  }
  return found;
}

const lastLoss = async (run: string): Promise<number> => {
  const [last] = (await readFile(join(run, "metrics.jsonl"), "utf8")).trim().split("\n").reverse();
  return (JSON.parse(last!) as { loss: number }).loss;
};

it.skipIf(!joinsClusters)(
  "two workers of 50 learn what one of 100 learns, and their run is no run of one",
  async () => {
    const folder = await emptyFolder();
    const train = (...args: string[]) =>
      inOwnProcess(folder, "train", ...args, "--no-evaluate", "--quiet", "--engine", "tensorflow", "--patience", "300");
    const two = ["--local-workers", "2"];
    const runs = await Promise.all([train(regression, "--out", "one"), train(regression, "--out", "two", ...two)]);
    for (const { code, stderr } of runs) expect(code, stderr).toBe(0);

    // The gradient of a mean over 100 is the mean of two gradients of means over 50.
    const [one, other] = await Promise.all(["one", "two"].map((run) => tensors(join(folder, run))));
    expect([...other!.keys()]).toEqual([...one!.keys()]);
    let moved = 0;
    for (const [name, values] of one!)
      values.forEach((value, i) => {
        expect(Math.abs(other!.get(name)![i]! - value), name).toBeLessThan(1e-4 * (1 + Math.abs(value)));
        moved = Math.max(moved, Math.abs(value));
      });
    expect(moved).toBeGreaterThan(0.1);
    expect(await lastLoss(join(folder, "two"))).toBeCloseTo(await lastLoss(join(folder, "one")), 3);

    // Another number of workers is refused.
    expectOneMessage(await train("--resume", "two"), /is a run of 2 workers, this is one process.*--accept-workers/s);
  },
);
