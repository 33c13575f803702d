/** Implements `ergodic sample`. */
import { assertFitsMemory, random, tree, type TensorTree } from "@ergodic/tensor";
import { readSamples, sampleFile, type HostSamples } from "@ergodic/training";
import type { SampleFlags } from "./flags.js";
import { excerpt } from "../terminal/excerpt.js";
import { jsonResult, result } from "../terminal/output.js";
import { shownPath } from "./folders.js";
import { openRun } from "./open-run.js";
import { assertSampleFlags, samplerOf } from "./sampler-of-run.js";
import { writeSampleFile } from "./write-sample-file.js";

/**
 * Draws samples and writes them as a PNG or a text file.
 *
 * @throws CliError when the model cannot sample.
 */
export async function runSampling(folder: string, flags: SampleFlags): Promise<void> {
  assertSampleFlags(flags);
  const { run } = await openRun(folder, flags);
  try {
    const { learner, iteration } = run;
    const { seed, n, steps, class: classes } = flags;
    const sample = samplerOf(run, flags);
    const draw = (count: number) => sample(random.key(seed), count);
    await assertSamplesFit(draw, n);
    const observations = await draw(n);
    const samples = await readSamples(observations, learner.show?.bind(learner));
    tree.dispose(observations);
    const file = await sampleFile(samples, { columns: classes && n });
    const label = classes === undefined ? "" : `class-${classes.join("-")}-`;
    const place = { run: run.paths.folder, out: flags.out, name: `sample-${label}${seed}` };
    const path = await writeSampleFile(place, file);
    const settings = { run: folder, iteration, seed, n, ...(flags.fresh && { fresh: true, steps }), classes };
    if (flags.json) jsonResult({ ...settings, ...described(samples), path });
    else result(`${excerpt(samples)}${n} samples${ofClasses(flags)} of iteration ${iteration}: ${shownPath(path)}`);
  } finally {
    run.dispose();
  }
}

/** For instance " of class 3", or " of each of the classes 0, 1". Empty without --class. */
function ofClasses({ class: labels }: SampleFlags): string {
  if (labels === undefined) return "";
  return labels.length === 1 ? ` of class ${labels[0]}` : ` of each of the classes ${labels.join(", ")}`;
}

/** Describes samples for JSON: the texts, or the shape of what a PNG shows. */
const described = (samples: HostSamples) =>
  samples.kind === "text" ? { kind: samples.kind, texts: samples.texts } : { kind: samples.kind, shape: samples.shape };

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
