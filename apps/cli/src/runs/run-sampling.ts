/** Implements `ergodic sample`. */
import { mkdir } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { freshSamples } from "@ergodic/diagnosis";
import { assertFitsMemory, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { oneLine, readSamples, sampleFile, type HostSamples, type SampleFile } from "@ergodic/training";
import type { SampleFlags } from "./flags.js";
import { CliError, usageError } from "../errors.js";
import { printable } from "../terminal/format.js";
import { jsonResult, result } from "../terminal/output.js";
import { shownPath, writeInRun, writeResult } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";

/**
 * Draws samples and writes them as a PNG or a text file.
 *
 * @throws CliError when the model cannot sample.
 */
export async function runSampling(folder: string, flags: SampleFlags): Promise<void> {
  if (flags.steps !== undefined && !flags.fresh) throw usageError("--steps is for fresh chains; add --fresh.");
  const { run } = await openRun(folder, flags);
  try {
    const { learner, state, iteration } = run;
    const { seed, n, steps } = flags;
    const sample = flags.fresh ? freshSampler(run, steps) : learner.sample?.bind(learner, state);
    if (sample === undefined)
      throw new CliError("the model of this run makes no samples; its learner has no sample().");
    const draw = (count: number) => sample(random.key(seed), count);
    await assertSamplesFit(draw, n);
    const observations = await draw(n);
    const samples = await readSamples(observations, learner.show?.bind(learner));
    tree.dispose(observations);
    const path = await written(run.paths.folder, flags, await sampleFile(samples));
    const settings = { run: folder, iteration, seed, n, ...(flags.fresh && { fresh: true, steps }) };
    if (flags.json) jsonResult({ ...settings, ...described(samples), path });
    else result(`${excerpt(samples)}${n} samples of iteration ${iteration}: ${shownPath(path)}`);
  } finally {
    run.dispose();
  }
}

/**
 * Samples by chains from scattered starts.
 *
 * @throws CliError when the model has no chains whose positions are samples
 */
function freshSampler({ learner, state, dataset }: OpenRun["run"], steps: number | undefined) {
  return async (key: Key, n: number): Promise<TensorTree> => {
    const batch = dataset.batches({ batchSize: 1, key }).at(0);
    try {
      const chains = Object.values(learner.chains?.(state, batch) ?? {});
      const chain = chains.find(({ generative, observe }) => generative && observe !== undefined);
      if (chain === undefined) throw new CliError("the model of this run has no chains to start; leave out --fresh.");
      return await freshSamples(chain, { n, steps, key });
    } finally {
      tree.dispose(batch as TensorTree);
    }
  };
}

/** Describes samples for JSON: the texts, or the shape of what a PNG shows. */
const described = (samples: HostSamples) =>
  samples.kind === "text" ? { kind: samples.kind, texts: samples.texts } : { kind: samples.kind, shape: samples.shape };

/** Maximum number of printed texts. */
const printedTexts = 10;

/** The first texts, one per line. Empty for pictures. */
function excerpt(samples: HostSamples): string {
  if (samples.kind !== "text") return "";
  const shown = samples.texts.slice(0, printedTexts).map((text) => `  ${printable(oneLine(text))}\n`);
  const left = samples.texts.length - shown.length;
  return `${shown.join("")}${left > 0 ? `  ... and ${left} more\n` : ""}`;
}

async function written(run: string, { out, seed }: SampleFlags, { extension, content }: SampleFile): Promise<string> {
  if (out === undefined) return writeInRun(run, ["samples", `sample-${seed}.${extension}`], content);
  const given = extname(out).toLowerCase();
  if (given === (extension === "png" ? ".txt" : ".png"))
    throw usageError(`--out ends in ${given}, but samples of this model are a .${extension} file; name it so.`);
  await mkdir(dirname(out), { recursive: true });
  await writeResult(out, content);
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
async function assertSamplesFit(sample: (n: number) => Promise<TensorTree>, n: number): Promise<void> {
  if (n <= unquestioned) return;
  const one = await sample(1);
  const size = tree.sizeOf(one);
  tree.dispose(one);
  assertFitsMemory("a set of samples", [n, size], bytesPerNumber);
}
