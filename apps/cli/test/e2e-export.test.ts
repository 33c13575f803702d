/** `ergodic export`: the file contains the trained model, and another runtime computes with it. */
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyFolder, ergodic, expectOneMessage, fixtures, tiny } from "./support.js";

describe("export", () => {
  let folder: string;
  const run = join("runs", "quickstart-1");
  beforeAll(async () => {
    folder = await emptyFolder();
    const outcome = await ergodic(
      folder,
      "train",
      "quickstart",
      ...tiny,
      ...["--set", "training.iterations=2", "--no-evaluate", "--quiet"],
    );
    expect(outcome.code).toBe(0);
  });

  const load = async (...args: readonly string[]): Promise<InferenceSession> => {
    const { code, stdout, stderr } = await ergodic(folder, "export", run, ...args, "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const { path, bytes } = JSON.parse(stdout) as { path: string; bytes: number };
    const file = await readFile(join(folder, path));
    expect(file.length).toBe(bytes);
    return InferenceSession.create(file);
  };
  const latents = (values: readonly number[]): Tensor => new Tensor("float32", Float32Array.from(values), [2, 4]);
  const z = latents([0.5, -1, 2, 0, 1, 1, -0.5, 0.25]);

  it("lists the parts without --what", async () => {
    const { stdout, code } = await ergodic(folder, "export", run);
    expect(stdout).toMatch(/^ergodic export \S+ --what energy$/m);
    expect(stdout).toMatch(/--what generator$/m);
    expect(code).toBe(0);
  });

  it("writes the generator: latents to images", async () => {
    const session = await load("--what", "generator", "--n", "2");
    expect([session.inputNames, session.outputNames]).toEqual([["z"], ["output"]]);
    const { output } = await session.run({ z });
    expect(output!.dims).toEqual([2, 28, 28, 1]);
    expect(Math.max(...(output!.data as Float32Array).map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it("writes a sampler's step, which follows the slope of the energy it writes", async () => {
    const energy = await load("--what", "energy", "--n", "2");
    const step = await load("--what", "sampler-step", "--n", "2", "--out", "step.onnx");
    expect(step.inputNames).toEqual(["z", "key.split0.normal"]);
    const energies = async (at: Tensor): Promise<Float32Array> =>
      (await energy.run({ z: at }))["output"]!.data as never;
    const still = latents([0, 0, 0, 0, 0, 0, 0, 0]);
    const { output } = await step.run({ z, "key.split0.normal": still });
    const moved = output!.data as Float32Array;
    const values = z.data as Float32Array;
    const [h, s] = [0.01, 0.4];
    for (let i = 0; i < 8; i++) {
      const shifted = (by: number): Tensor =>
        latents(values.map((value, k) => (k === i ? value + by : value)) as never);
      const example = Math.floor(i / 4);
      const slope = ((await energies(shifted(h)))[example]! - (await energies(shifted(-h)))[example]!) / (2 * h);
      expect(moved[i]).toBeCloseTo(values[i]! - ((s * s) / 2) * slope, 3);
    }
  });

  it("writes a SavedModel, a folder with the same inputs and outputs", async () => {
    const outcome = await ergodic(folder, "export", run, "--what", "sampler-step", "--format", "saved-model", "--json");
    const { path, bytes } = JSON.parse(outcome.stdout) as { path: string; bytes: number };
    expect(path).toBe(join(run, "exports", "sampler-step"));
    const file = await readFile(join(folder, path, "saved_model.pb"));
    expect(file.length).toBe(bytes);
    for (const text of ["serving_default", "key.split0.normal", "standard deviation 1"])
      expect(file.includes(text)).toBe(true);
    expectOneMessage(
      await ergodic(folder, "export", run, "--what", "energy", "--format", "torch"),
      /Allowed choices are onnx, saved-model/,
      2,
    );
  });

  it("says what there is to export", async () => {
    expectOneMessage(
      await ergodic(folder, "export", run, "--what", "posterior"),
      /has no "posterior"; it exports energy, generator, sampler-step/,
    );
    await copyFile(join(fixtures, "my-ebm.ts"), join(folder, "my-ebm.ts"));
    await ergodic(folder, "train", "my-ebm.ts", "--set", "training.iterations=1", "--no-evaluate");
    expectOneMessage(
      await ergodic(folder, "export", join("runs", "my-ebm-1"), "--what", "energy"),
      /has nothing to export; its learner has no exports\(\)/,
    );
  });
});
