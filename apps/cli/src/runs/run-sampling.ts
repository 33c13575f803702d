/** Implements `ergodic sample`. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { assertFitsMemory, random } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { samplesPng } from "@ergodic/training";
import type { SampleFlags } from "./flags.js";
import { CliError } from "../errors.js";
import { jsonResult, result } from "../terminal/output.js";
import { shownPath, writeInRun, writeResult } from "./folders.js";
import { openRun } from "./open-run.js";

/**
 * Draws samples and writes them as a PNG.
 *
 * @throws CliError when the model cannot sample.
 */
export async function runSampling(folder: string, flags: SampleFlags): Promise<void> {
  const { run } = await openRun(folder, flags);
  try {
    if (run.learner.sample === undefined)
      throw new CliError("the model of this run makes no samples; its learner has no sample().");
    await assertSamplesFit(run.learner.sample.bind(run.learner, run.state, random.key(flags.seed)), flags.n);
    const samples = await run.learner.sample(run.state, random.key(flags.seed), flags.n);
    const picture = await samplesPng({ values: await samples.data<"float32">(), shape: samples.shape });
    const { shape } = samples;
    samples.dispose();
    const path = await written(run.paths.folder, flags, picture);
    if (flags.json) jsonResult({ run: folder, iteration: run.iteration, seed: flags.seed, n: flags.n, shape, path });
    else result(`${flags.n} samples of iteration ${run.iteration}: ${shownPath(path)}`);
  } finally {
    run.dispose();
  }
}

async function written(run: string, { out, seed }: SampleFlags, picture: Uint8Array): Promise<string> {
  if (out === undefined) return writeInRun(run, ["samples", `sample-${seed}.png`], picture);
  await mkdir(dirname(out), { recursive: true });
  await writeResult(out, picture);
  return out;
}

/** Larger requests are checked against the memory, by the size of a single sample. */
const unquestioned = 10_000;

/**
 * Bytes of memory per number of a sample: the tensor, its chain's position and gradient, and the
 * picture.
 */
const bytesPerNumber = 16;

/**
 * Checks that `n` samples fit into memory.
 *
 * @throws ValidationError when they do not
 */
async function assertSamplesFit(sample: (n: number) => Promise<tf.Tensor>, n: number): Promise<void> {
  if (n <= unquestioned) return;
  const one = await sample(1);
  one.dispose();
  assertFitsMemory("a set of samples", [n, ...one.shape.slice(1)], bytesPerNumber);
}
