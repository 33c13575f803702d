/** Implements `ergodic sample`. */
import { mkdir } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { formatNpz } from "@ergodic/formats";
import { assertFitsMemory, random, tree } from "@ergodic/tensor";
import { sampleFile, type HostSamples } from "@ergodic/training";
import type { SampleFlags } from "./flags.js";
import { partsOfRun } from "../shards/parts-of-run.js";
import { tellPart } from "../shards/tell-part.js";
import { usageError } from "../errors.js";
import { excerpt } from "../terminal/excerpt.js";
import { jsonResult, result } from "../terminal/output.js";
import { shownPath, writeResult } from "./folders.js";
import { drawSamples } from "./draw-samples.js";
import { openRun } from "./open-run.js";
import { assertSampleFlags, samplersOf, type Sampler } from "./sampler-of-run.js";
import { writeSampleFile } from "./write-sample-file.js";

/**
 * Draws samples and writes them as a PNG, a text file or an .npz file, or as a part with --shard.
 *
 * @throws CliError when the model cannot sample.
 */
export async function runSampling(folder: string, flags: SampleFlags): Promise<void> {
  assertSampleFlags(flags);
  const opened = await openRun(folder, flags);
  const { run } = opened;
  try {
    const { learner, iteration } = run;
    const { seed, n, steps, class: classes, shard } = flags;
    const settings = { run: folder, iteration, seed, n, ...(flags.fresh && { fresh: true, steps }), classes };
    const { run: _, ...decisive } = settings;
    const samplers = samplersOf(run, flags);
    const parts = await partsOfRun(opened, flags, { command: "sample", ...decisive });
    if (shard === undefined) await assertSamplesFit(samplers, n);
    const show = learner.show?.bind(learner);
    const samples = await drawSamples({ samplers, n, key: random.key(seed), show, pieces: parts.pieces });
    const part = await parts.finish();
    if (samples === undefined) return tellPart(part!, settings, flags);
    const label = classes === undefined ? "" : `class-${classes.join("-")}-`;
    const place = { run: run.paths.folder, out: flags.out, name: `sample-${label}${seed}` };
    const path = isNpz(flags.out)
      ? await writeNumbers(flags.out, samples)
      : await writeSampleFile(place, await sampleFile(samples, { columns: classes && n }));
    if (flags.json) jsonResult({ ...settings, ...described(samples), path });
    else result(`${excerpt(samples)}${n} samples${ofClasses(flags)} of iteration ${iteration}: ${shownPath(path)}`);
  } finally {
    run.dispose();
  }
}

const isNpz = (path: string | undefined): path is string => extname(path ?? "").toLowerCase() === ".npz";

/** Writes the array `samples` as .npz. @throws CliError for texts */
async function writeNumbers(path: string, samples: HostSamples): Promise<string> {
  if (samples.kind === "text") throw usageError("samples of this model are texts; name a .txt file.");
  const { values, shape } = samples;
  await mkdir(dirname(path), { recursive: true });
  await writeResult(path, formatNpz({ samples: { shape, values: Float32Array.from(values) } }));
  return path;
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
 * Bytes of memory per number of a sample: as drawn, joined, of all samplers, and the picture.
 */
const bytesPerNumber = 16;

/**
 * Checks that `n` samples fit into memory.
 *
 * @throws ValidationError when they do not
 */
async function assertSamplesFit(samplers: readonly Sampler[], n: number): Promise<void> {
  if (n <= unquestioned) return;
  const one = await samplers[0]!(random.key(0), 1);
  const size = tree.sizeOf(one);
  tree.dispose(one);
  assertFitsMemory("a set of samples", [samplers.length, n, size], bytesPerNumber);
}
