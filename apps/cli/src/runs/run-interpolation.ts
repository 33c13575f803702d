/** Implements `ergodic interpolate`. */
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { readSamples, sampleFile } from "@ergodic/training";
import { CliError, exitCode, usageError, type ExitCode } from "../errors.js";
import { chainGrid } from "../latents/chain.js";
import { rowsOf, upTo, type Grid, type Latents } from "../latents/grid.js";
import { layersGrid } from "../latents/layers.js";
import { pairsGrid } from "../latents/pairs.js";
import { traversalGrid } from "../latents/traversal.js";
import { excerpt } from "../terminal/excerpt.js";
import { jsonResult, result } from "../terminal/output.js";
import { examplesOfRun, type ExamplesOfRun } from "./examples-of-run.js";
import type { InterpolateFlags } from "./flags.js";
import { shownPath } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";
import { writeSampleFile } from "./write-sample-file.js";

/**
 * Rows of a grid by default: pairs, coordinates, chains, latents whose layers are redrawn, samples.
 */
const rowsByDefault = { pairs: 8, traversal: 32, chain: 8, layers: 4, noise: 8 } as const;

/**
 * Writes a grid of what the model makes along a way through its latents.
 *
 * @returns failure when a picture could not be read
 * @throws CliError when the model has no latents or no chain, and for options that do not go
 *   together
 */
export async function runInterpolation(
  folder: string,
  pictures: string | undefined,
  flags: InterpolateFlags,
): Promise<ExitCode> {
  assertFlags(pictures, flags);
  const { kind, seed, out, n = rowsByDefault[kind] } = flags;
  const opened = await openRun(folder, flags);
  const { run } = opened;
  try {
    const { grid, unreadable } =
      kind === "chain" || kind === "noise"
        ? { grid: await (kind === "chain" ? chainOf : noiseOf)(opened, n, flags), unreadable: [] }
        : await gridOfLatents(opened, { pictures, n, flags });
    const { observations, columns, caption, about } = grid;
    const samples = await readSamples(observations, run.learner.show?.bind(run.learner));
    tree.dispose(observations);
    const file = await sampleFile(samples, { columns });
    const path = await writeSampleFile({ run: run.paths.folder, out, name: `${kind}-${seed}` }, file);
    const texts = samples.kind === "text" && { texts: samples.texts };
    const settings = { run: folder, iteration: run.iteration, seed, kind, columns, ...texts };
    if (flags.json) jsonResult({ ...settings, ...about, ...(pictures && { unreadable }), path });
    else result(`${excerpt(samples, columns)}${caption}, iteration ${run.iteration}: ${shownPath(path)}`);
    return unreadable.length === 0 ? exitCode.ok : exitCode.failure;
  } finally {
    run.dispose();
  }
}

function assertFlags(pictures: string | undefined, { kind, sampled, range, steps, redraw }: InterpolateFlags): void {
  const only = (option: string, given: boolean, kinds: readonly string[]): void => {
    if (given && !kinds.includes(kind))
      throw usageError(`${option} is for --kind ${kinds.join(" and ")}, not for ${kind}; leave it out.`);
  };
  const inferring = ["pairs", "traversal", "layers"];
  only("a folder of pictures", pictures !== undefined, inferring);
  only("--sampled", sampled, inferring);
  only("--range", range !== undefined, ["traversal"]);
  only("--steps", steps !== undefined, ["chain"]);
  only("--redraw", redraw !== undefined, ["layers"]);
  if (sampled && pictures !== undefined)
    throw usageError("--sampled takes latents of the model's samples, not of pictures; leave out one of them.");
}

/** Chains of the model from their usual starts. */
async function chainOf({ run }: OpenRun, n: number, { columns, steps = 100, seed }: InterpolateFlags): Promise<Grid> {
  const { learner, state, dataset } = run;
  const [orderKey, key] = random.split<Key>(random.key(seed), 2) as [Key, Key];
  const batch = dataset.batches({ batchSize: Math.min(n, dataset.size), key: orderKey }).at(0);
  try {
    const chains = Object.values(learner.chains?.(state, batch) ?? {});
    const chain = chains.find(({ generative, observe }) => generative && observe !== undefined);
    if (chain === undefined)
      throw new CliError("the model of this run has no chains whose states are samples; leave out --kind chain.");
    if (columns > steps + 1) throw usageError(`--columns is ${columns}, but ${steps} steps have ${steps + 1} states.`);
    return await chainGrid(chain, { n, columns, steps, key });
  } finally {
    tree.dispose(batch as TensorTree);
  }
}

/** Samples whose random numbers lie between those of the first and the last of their row. */
async function noiseOf({ run }: OpenRun, n: number, { columns, seed }: InterpolateFlags): Promise<Grid> {
  const { learner, state } = run;
  if (learner.interpolate === undefined)
    throw new CliError(
      "the model of this run does not blend random numbers: its learner has no interpolate(). Models of recovery/* and cdrl/* have one; leave out --kind noise.",
    );
  const observations = await learner.interpolate(state, random.key(seed), n, columns);
  return { observations, columns, caption: `${n} rows between two samples`, about: { rows: n } };
}

interface LatentRequest {
  readonly pictures: string | undefined;
  readonly n: number;
  readonly flags: InterpolateFlags;
}

interface ReadGrid {
  readonly grid: Grid;
  readonly unreadable: ExamplesOfRun["unreadable"];
}

async function gridOfLatents(opened: OpenRun, { pictures, n, flags }: LatentRequest): Promise<ReadGrid> {
  const { learner, state } = opened.run;
  if (learner.latents === undefined)
    throw new CliError(
      "the model of this run has no latents: its learner has no latents. Models such as quickstart, latent-prior/*, joint-prior/* and neural-transport/* have; --kind chain is for every model with chains.",
    );
  const latents: Latents = { space: learner.latents, state };
  const { kind, columns, seed, sampled, range = 3, redraw } = flags;
  const [latentKey, redrawKey] = random.split<Key>(random.key(seed), 2) as [Key, Key];
  const count = { pairs: 2 * n, traversal: 1, layers: n }[kind as "pairs" | "traversal" | "layers"];
  const { z, of, unreadable } = await latentsOf(opened, latents, { pictures, count, key: latentKey, sampled });
  try {
    switch (kind) {
      case "traversal":
        return { grid: await traversalGrid(latents, z, { n, columns, range, of }), unreadable };
      case "layers":
        return { grid: await layersGrid(latents, z, { groups: redraw, columns, key: redrawKey, of }), unreadable };
      default:
        return { grid: await pairsGrid(latents, z, { columns, of }), unreadable };
    }
  } finally {
    tree.dispose(z);
  }
}

interface LatentSource {
  readonly pictures: string | undefined;
  readonly count: number;
  readonly key: Key;
  readonly sampled: boolean;
}

/**
 * Latents of the model's samples, or of examples, at most `count`, and words for where they are
 * from.
 */
async function latentsOf(
  opened: OpenRun,
  { space, state }: Latents,
  { pictures, count, key, sampled }: LatentSource,
): Promise<{ z: TensorTree; of: string; unreadable: ExamplesOfRun["unreadable"] }> {
  if (sampled) return { z: await space.sample(state, key, count), of: "of samples", unreadable: [] };
  if (space.infer === undefined)
    throw new CliError(
      "the model of this run infers no latents of examples; add --sampled for latents of its samples.",
    );
  const examples = await examplesOfRun(opened, { pictures, n: count, key });
  const { batch, description, unreadable } = examples;
  try {
    const inferred = await space.infer(state, batch, examples.key);
    // A data set may have batches of its own size.
    const size = Math.min(count, tree.leaves(inferred)[0]!.shape[0]!);
    const z = rowsOf(inferred, upTo(size));
    tree.dispose(inferred);
    return { z, of: `inferred from ${description}`, unreadable };
  } finally {
    tree.dispose(batch);
  }
}
