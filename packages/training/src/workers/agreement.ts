/** Checks that all workers have the same: settings by their texts, tensors by their digests. */
import { createHash } from "node:crypto";
import { WorkersError } from "../errors.js";
import { flattenJson } from "../json.js";
import type { HostTensor } from "../snapshot.js";
import type { Workers } from "./workers.js";

/** 64 bits of SHA-256 as four whole numbers below 2^16, which `gather` brings over exactly. */
function digest(...parts: readonly (string | Uint8Array)[]): number[] {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  const bytes = hash.digest();
  return [0, 2, 4, 6].map((at) => bytes.readUInt16LE(at));
}

const DIGITS = 4;

/** For each value, the workers whose value differs from that of worker 0. */
async function differing(workers: Workers, digests: readonly number[][]): Promise<number[][]> {
  const rows = await workers.gather(digests.flat());
  const of = (row: readonly number[], i: number): string =>
    String(row.slice(i * DIGITS, (i + 1) * DIGITS).map(Math.round));
  return digests.map((_, i) => rows.flatMap((row, k) => (of(row, i) === of(rows[0]!, i) ? [] : [k])));
}

const named = (workers: readonly number[]): string =>
  workers.length === 1 ? `worker ${workers[0]}` : `workers ${workers.join(", ")}`;

/**
 * Waits for all workers and compares what they bring: code, versions, settings.
 *
 * @throws WorkersError that names the workers that differ from worker 0, and in what
 */
export async function assertSame(workers: Workers, what: unknown): Promise<void> {
  if (workers.count === 1) return;
  const [first, ...others] = (await texts(workers, JSON.stringify(what))).map((text) => JSON.parse(text) as unknown);
  const problems = others.flatMap((other, k) => {
    const lines = differences(first, other).map((line) => `\n    ${line}`);
    return lines.length === 0 ? [] : [`worker ${k + 1} does not fit worker 0:${lines.join("")}`];
  });
  if (problems.length === 0) return;
  throw new WorkersError(
    problems.join("\n  "),
    "Start all workers from the same files, with the same versions and the same command but for --task.",
  );
}

const differences = (first: unknown, other: unknown): string[] => {
  const [ours, theirs] = [flattenJson(first), flattenJson(other)];
  const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((path) => shown(ours.get(path)) !== shown(theirs.get(path)))
    .map((path) => `${path}: ${shown(theirs.get(path))}, worker 0 has ${shown(ours.get(path))}`);
};

const HALF = 2 ** 16;

/** A text of each worker. */
async function texts({ gather }: Workers, own: string): Promise<string[]> {
  const bytes = Buffer.from(own);
  const lengths = (await gather([bytes.length % HALF, Math.floor(bytes.length / HALF)], Infinity)).map(
    ([low = 0, high = 0]) => Math.round(low) + HALF * Math.round(high),
  );
  const row = new Array<number>(Math.max(...lengths)).fill(0);
  bytes.forEach((byte, i) => (row[i] = byte));
  const rows = await gather(row, Infinity);
  return rows.map((found, k) => Buffer.from(found.slice(0, lengths[k]).map(Math.round)).toString());
}

/** Tensors that every worker must have the same. */
const isCommon = (name: string): boolean => /^(averaged|state\.(params|optimizer))(\.|$)/i.test(name);

/**
 * The tensors of a state in which workers differ, such as replay buffers. They belong to a worker.
 *
 * @throws WorkersError when parameters, their average or the state of an optimiser differ
 */
export async function ownTensors(workers: Workers, tensors: readonly HostTensor[]): Promise<HostTensor[]> {
  if (workers.count === 1) return [];
  const digests = tensors.map(({ name, dtype, shape, values }) =>
    digest(`${name} ${dtype} ${shape.join()} `, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
  const others = await differing(workers, digests);
  const drifted = tensors.findIndex(({ name }, i) => isCommon(name) && others[i]!.length > 0);
  if (drifted >= 0)
    throw new WorkersError(
      `${tensors[drifted]!.name} of ${named(others[drifted]!)} is not that of worker 0.`,
      "The learner must average its gradients over workers: use an optimiser of skipUnsound, or allMean in its update.",
    );
  return tensors.filter((_, i) => others[i]!.length > 0);
}
