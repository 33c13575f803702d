/**
 * Parts of a computation in files. Each of several processes computes its share of the pieces and
 * writes one part. Another process then joins the parts.
 *
 * Parts of different settings are in different folders, so they never mix.
 */
import { existsSync, readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { allPieces, jsonArray, valueOfJson, type Arrays, type Pieces } from "@ergodic/evaluation/model";
import { createHash } from "node:crypto";
import type { NpyArray } from "@ergodic/formats";
import { openNpz, writeNpz } from "@ergodic/formats/node";
import { CliError, usageError } from "../errors.js";
import { shardName, shareOf, type Shard } from "./shard.js";

/** Options of commands that can be split. */
export interface PartsFlags {
  /** Compute only this share and write a part. */
  readonly shard?: Shard;
  /** Join the parts of all shares. */
  readonly merge: boolean;
  /** Folder of the parts. */
  readonly parts?: string;
}

export interface PartsOfWork extends PartsFlags {
  /** Default of `parts`. */
  readonly folder: string | undefined;
  /** Everything that decides the results. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The program and the engine. All parts must have the same. */
  readonly origin: Readonly<Record<string, unknown>>;
}

export interface Parts {
  readonly pieces: Pieces;
  /** Writes the part of a share, and returns its path. Undefined without a share. */
  finish(): Promise<string | undefined>;
}

/** @throws CliError when parts are missing or do not fit together */
export async function openParts(work: PartsOfWork): Promise<Parts> {
  const { shard, merge } = work;
  if (shard !== undefined && merge)
    throw usageError("--shard computes a part and --merge joins them; leave out one of them.");
  if (shard === undefined && !merge) return { pieces: allPieces, finish: () => Promise.resolve(undefined) };
  const folder = partsFolder(work);
  if (shard === undefined) return { pieces: await storedPieces(folder), finish: () => Promise.resolve(undefined) };
  return shareOfPieces(join(folder, `${shardName(shard)}.npz`), shard, work);
}

function partsFolder({ parts, folder = parts, settings }: PartsOfWork): string {
  if (folder === undefined) throw usageError("name the folder of the parts: --parts <folder>.");
  const digest = createHash("sha256").update(JSON.stringify(settings)).digest("hex");
  return join(parts ?? folder, digest.slice(0, 12));
}

/** The name of an array of a piece. */
const arrayName = (name: string, index: number, array: string): string => `${name}/${index}/${array}`;

const about = "about";

function shareOfPieces(path: string, shard: Shard, { settings, origin }: PartsOfWork): Parts {
  const kept: Record<string, NpyArray> = { [about]: jsonArray({ origin, settings }) };
  return {
    pieces: {
      complete: false,
      async *results({ name, count, compute }) {
        const { from, to } = shareOf(count, shard);
        for (let i = from; i < to; i++) {
          for (const [array, values] of Object.entries(await compute(i))) kept[arrayName(name, i, array)] = values;
        }
      },
    },
    async finish() {
      await mkdir(join(path, ".."), { recursive: true });
      await writeNpz(path, kept);
      return path;
    },
  };
}

/** The pieces in the parts of a folder. */
async function storedPieces(folder: string): Promise<Pieces> {
  const of = completeCount(folder);
  const shards = Array.from({ length: of }, (_, k) => ({ index: k + 1, of }));
  const archives = await Promise.all(shards.map((one) => openNpz(join(folder, `${shardName(one)}.npz`))));
  const origins = await Promise.all(
    archives.map(async (one) => JSON.stringify(valueOfJson<{ origin: unknown }>(await one.array(about)).origin)),
  );
  const other = origins.findIndex((one) => one !== origins[0]);
  if (other > 0)
    throw new CliError(
      `part ${other + 1}/${of} was computed by ${origins[other]}, part 1/${of} by ${origins[0]}. Compute all with the same.`,
    );
  const places = archives.map((archive) => {
    const arrays = new Map<string, string[]>();
    for (const path of archive.names) {
      const end = path.lastIndexOf("/");
      const piece = path.slice(0, end);
      arrays.set(piece, [...(arrays.get(piece) ?? []), path.slice(end + 1)]);
    }
    return { archive, arrays };
  });
  return {
    complete: true,
    async *results<A extends Arrays>({ name, count }: { readonly name: string; readonly count: number }) {
      for (const [k, { archive, arrays }] of places.entries()) {
        const { from, to } = shareOf(count, shards[k]!);
        for (let i = from; i < to; i++) {
          const names = arrays.get(`${name}/${i}`);
          if (names === undefined)
            throw new CliError(
              `part ${k + 1}/${of} in ${folder} lacks piece ${i} of "${name}". Compute that part again.`,
            );
          const entries = names.map(async (array) => [array, await archive.array(arrayName(name, i, array))]);
          yield Object.fromEntries(await Promise.all(entries)) as A;
        }
      }
    },
  };
}

/** The number of shares of which every part is there. @throws CliError that lists missing parts */
function completeCount(folder: string): number {
  const found = new Map<number, Set<number>>();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, index, of] = /^(\d+)-of-(\d+)\.npz$/.exec(name)?.map(Number) ?? [];
    if (index !== undefined && of !== undefined) found.set(of, (found.get(of) ?? new Set()).add(index));
  }
  const [complete] = [...found].flatMap(([of, indices]) => (indices.size === of ? [of] : []));
  if (complete !== undefined) return complete;
  const [some] = found;
  if (some === undefined)
    throw new CliError(
      `${folder} has no parts of these settings. Run the same command with --shard 1/n to --shard n/n first.`,
    );
  const [of, indices] = some;
  const missing = Array.from({ length: of }, (_, k) => k + 1).filter((index) => !indices.has(index));
  throw new CliError(`parts are missing in ${folder}: ${missing.map((index) => `${index}/${of}`).join(", ")}.`);
}
