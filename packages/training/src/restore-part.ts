/** Parameters of a run without the rest of its state: no optimiser, no data, no unused network. */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { openSafetensors, sha256OfFile } from "@ergodic/formats/node";
import type { TensorTree } from "@ergodic/tensor";
import { checkpointPath, listCheckpoints } from "./checkpoint.js";
import { CheckpointError } from "./errors.js";
import { readTextIfAny } from "./files.js";
import { isPlainObject, parseJson } from "./json.js";
import { runPaths } from "./run-paths.js";

export interface RestoredPart {
  /** Completed iterations of the checkpoint. */
  readonly iteration: number;
  /** The parameters under the asked paths, in their places. */
  readonly params: TensorTree;
}

export interface RestorePartOptions {
  readonly folder: string;
  /** Paths in the parameters, such as "translators.toY". */
  readonly paths: readonly string[];
  /** Default: the newest checkpoint. */
  readonly iteration?: number | undefined;
}

/**
 * Reads some parameters of a checkpoint, averaged ones if the run has an average. Only their
 * numbers are held in memory.
 *
 * Parts without tensors, such as the parameters of activations, are missing or empty in the result.
 *
 * @throws CheckpointError when there is no checkpoint, its file is damaged, or a path has no tensor
 */
export async function restorePart({ folder, paths, iteration }: RestorePartOptions): Promise<RestoredPart> {
  const { checkpoints } = runPaths(folder);
  const at = iteration ?? (await listCheckpoints(checkpoints)).at(-1);
  if (at === undefined)
    throw new CheckpointError("missing", `run ${folder} has no checkpoint yet.`, "Resume it until it has written one.");
  const place = checkpointPath(checkpoints, at);
  const file = join(place, "tensors.safetensors");
  const state = parseJson((await readTextIfAny(join(place, "state.json"))) ?? "");
  if (!isPlainObject(state))
    throw new CheckpointError("missing", `${place} holds no checkpoint.`, "Name an iteration that has one.");
  if (state["tensorsSha256"] !== (await sha256OfFile(file)))
    throw new CheckpointError("damaged", `${file} does not match its checksum.`, "Use another checkpoint.");
  const archive = await openSafetensors(file);
  const root = archive.names.some((name) => name.startsWith("averaged.")) ? "averaged." : "state.params.";
  const params: Nested = {};
  for (const path of paths) {
    const names = archive.names.filter((name) => `${name}.`.startsWith(`${root}${path}.`));
    if (names.length === 0)
      throw new CheckpointError("incompatible", `${file} has no parameters ${path}.`, "Use the experiment of the run.");
    for (const name of names) {
      const stored = await archive.open(name);
      const values = new Float32Array(stored.shape.reduce((product, size) => product * size, 1));
      let filled = 0;
      for await (const piece of stored.pieces(stored.shape[0] ?? 1)) {
        values.set(piece as ArrayLike<number>, filled);
        filled += piece.length;
      }
      put(params, name.slice(root.length).split("."), tf.tensor(values, [...stored.shape], "float32"));
    }
  }
  return { iteration: at, params: withLists(params) };
}

type Nested = { [name: string]: Nested | tf.Tensor };

function put(into: Nested, [first, ...rest]: readonly string[], tensor: tf.Tensor): void {
  if (rest.length === 0) {
    into[first!] = tensor;
    return;
  }
  into[first!] ??= {};
  put(into[first!] as Nested, rest, tensor);
}

/** Objects whose names are all numbers become lists, with empty lists in the gaps. */
function withLists(nested: Nested | tf.Tensor): TensorTree {
  if (nested instanceof tf.Tensor) return nested;
  const entries = Object.entries(nested).map(([name, part]) => [name, withLists(part)] as const);
  if (!entries.every(([name]) => /^\d+$/.test(name))) return Object.fromEntries(entries);
  const list: TensorTree[] = Array.from({ length: 1 + Math.max(...entries.map(([name]) => Number(name))) }, () => []);
  for (const [name, part] of entries) list[Number(name)] = part;
  return list;
}
