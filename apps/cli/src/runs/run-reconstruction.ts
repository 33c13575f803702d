/** Implements `ergodic reconstruct`. */
import { meanSquaredError } from "@ergodic/evaluation";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { readSamples, reconstructionFile, type HostSamples } from "@ergodic/training";
import { CliError, exitCode, type ExitCode } from "../errors.js";
import { excerpt } from "../terminal/excerpt.js";
import { short, withThousands } from "../terminal/format.js";
import { jsonResult, result } from "../terminal/output.js";
import { examplesOfRun, type ExamplesOfRun } from "./examples-of-run.js";
import type { ReconstructFlags } from "./flags.js";
import { shownPath } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";
import { writeSampleFile } from "./write-sample-file.js";

/**
 * Writes examples beside their reconstructions, and prints the mean squared error.
 *
 * @returns failure when a picture could not be read
 * @throws CliError when the model reconstructs nothing
 */
export async function runReconstruction(
  folder: string,
  pictures: string | undefined,
  flags: ReconstructFlags,
): Promise<ExitCode> {
  const { n, seed, out } = flags;
  const opened = await openRun(folder, flags);
  const { run } = opened;
  try {
    if (run.learner.reconstruct === undefined)
      throw new CliError(
        "the model of this run reconstructs nothing: its learner has no reconstruct(). Models with latents have one, such as quickstart, latent-prior/*, joint-prior/* and autoencoder/*.",
      );
    const examples = await examplesOfRun(opened, { pictures, n, key: random.key(seed) });
    const { original, reconstruction } = await reconstructed(opened, examples);
    const file = await reconstructionFile(original, reconstruction, { most: n });
    const path = await writeSampleFile({ run: run.paths.folder, out, name: `reconstruct-${seed}` }, file);
    const errors = squaredErrors(original, reconstruction);
    const { names, unreadable, description } = examples;
    const count = examples.names?.length ?? countOf(original);
    if (flags.json)
      jsonResult({
        ...{ run: folder, iteration: run.iteration, seed, examples: description, n: count, kind: original.kind },
        ...(errors && { mse: meanOf(errors), errors }),
        ...(original.kind === "text" && { texts: original.texts, reconstructions: textsOf(reconstruction) }),
        ...(names && { images: names, unreadable }),
        path,
      });
    else
      result(
        [
          ...(original.kind === "text" ? [excerpt(paired(original.texts, textsOf(reconstruction)), 2)] : []),
          ...(errors ? [`mean squared error ${short(meanOf(errors))} per ${unitOf(original)}`] : []),
          `${withThousands(count)} reconstructions of iteration ${run.iteration}, ${description}: ${shownPath(path)}`,
        ].join("\n"),
      );
    return unreadable.length === 0 ? exitCode.ok : exitCode.failure;
  } finally {
    run.dispose();
  }
}

/** The examples and their reconstructions on the host. The batch is disposed. */
async function reconstructed({ run: { learner, state } }: OpenRun, { batch, key }: ExamplesOfRun) {
  const pair = await learner.reconstruct!(state, batch, key);
  const show = learner.show?.bind(learner);
  const shown = {
    original: await readSamples(pair.original, show),
    reconstruction: await readSamples(pair.reconstruction, show),
  };
  tree.dispose([pair, batch] as TensorTree);
  return shown;
}

/**
 * The mean squared error of each example over its numbers, images in [-1, 1]. Undefined for texts.
 */
function squaredErrors(original: HostSamples, reconstruction: HostSamples): number[] | undefined {
  if (original.kind === "text" || reconstruction.kind === "text") return undefined;
  const n = original.shape[0] ?? 0;
  const size = original.values.length / n;
  const example = ({ values }: { readonly values: ArrayLike<number> }, i: number): Float64Array =>
    Float64Array.from({ length: size }, (_, k) => values[i * size + k]!);
  return Array.from({ length: n }, (_, i) => meanSquaredError(example(original, i), example(reconstruction, i)));
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const countOf = (samples: HostSamples): number =>
  samples.kind === "text" ? samples.texts.length : (samples.shape[0] ?? 0);

const textsOf = (samples: HostSamples): readonly string[] => (samples.kind === "text" ? samples.texts : []);

/** Each text with its reconstruction after it. */
const paired = (originals: readonly string[], reconstructions: readonly string[]): HostSamples => ({
  kind: "text",
  texts: originals.flatMap((text, i) => [text, reconstructions[i] ?? ""]),
});

const unitOf = ({ kind }: HostSamples): string => (kind === "points" ? "coordinate" : "pixel");
