/**
 * SIGKILL during training, three times, then resume: the bytes equal those of an uninterrupted run.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { listCheckpoints, train } from "../src/entries/node.js";
import { temporaryFolder } from "./temporary-folder.js";
import { checkpointBytes, toyExperiment } from "./toy.js";

const script = fileURLToPath(new URL("endless.ts", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Trains in another process and kills it after this many iterations. Resolves to the last iteration
 * that it printed.
 */
function trainAndKill(folder: string, how: "new" | "resume", iterations: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // Loaded as CommonJS: plain Node can't import TensorFlow.js' gradients from its ES modules.
    const load = ["--require", "tsx/cjs", "--eval", `require(${JSON.stringify(script)})`, "--", folder, how];
    const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, "tsconfig.base.json") };
    const child = spawn(process.execPath, load, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let told: number[] = [];
    let errors = "";
    child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
    child.stdout.on("data", (text: Buffer) => {
      told = [...told, ...text.toString().trim().split("\n").map(Number)];
      if (told.length >= iterations) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(told.at(-1) ?? 0);
      else reject(new Error(`the process ended by itself (${code}): ${errors}`));
    });
  });
}

describe("a killed process", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("leaves a run that ends byte for byte as an undisturbed one", async () => {
    const [folder, undisturbed] = [await temporaryFolder(), await temporaryFolder()];
    const saved = () => listCheckpoints(join(folder, "checkpoints"));
    await trainAndKill(folder, "new", 5);
    const first = (await saved()).at(-1) ?? 0;
    expect(first).toBeGreaterThan(0);
    await trainAndKill(folder, "resume", 4);
    await trainAndKill(folder, "resume", 7);
    const last = (await saved()).at(-1) ?? 0;
    expect(last).toBeGreaterThan(first);

    const experiment = toyExperiment({ iterations: last + 3, checkpointEvery: 1000, averaging: 0.9 });
    const iterations: number[] = [];
    const onProgress = ({ iteration }: { iteration: number }) => iterations.push(iteration);
    await train({ experiment, folder, resume: true, onProgress });
    expect(iterations).toEqual([last + 1, last + 2, last + 3]);
    await train({ experiment, folder: undisturbed });
    expect(await checkpointBytes(folder, last + 3)).toBe(await checkpointBytes(undisturbed, last + 3));
  });
});
