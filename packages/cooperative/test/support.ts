/** Small networks whose gradients are known, numbers of trees, and runs that are stopped. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnergyModel } from "@ergodic/energies";
import { tree, type TensorTree } from "@ergodic/tensor";
import { resolveConfig } from "@ergodic/training";
import { train } from "@ergodic/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { expect, onTestFinished } from "vitest";

export const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

export const numbersOf = (state: TensorTree): number[] => tree.leaves(state).flatMap(valuesOf);

/** E(x) = θ · x of points in the plane. Its gradient is θ everywhere, and ∂E/∂θ is x. */
export const linearEnergy = (theta: readonly [number, number]): EnergyModel<{ readonly theta: tf.Tensor }> => ({
  init: () => ({ theta: tf.tensor1d([...theta]) }),
  energy: (params, x) => tf.sum(tf.mul(x, params.theta), 1),
});

/** Largest difference of two lists of equal length. */
export function difference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers against ${b.length}`);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/**
 * A run of six iterations that is stopped in the fourth, and resumed, ends with the bytes of one
 * that was not stopped.
 */
export async function expectExactResume(experiment: Parameters<typeof train>[0]["experiment"]): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "cooperative-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const config = resolveConfig(experiment);
  const stopped = new AbortController();
  await train({ experiment, config, folder: join(root, "whole") });
  const parts = { experiment, config, folder: join(root, "parts") };
  await train({ ...parts, signal: stopped.signal, onProgress: ({ iteration }) => iteration === 3 && stopped.abort() });
  await train({ ...parts, resume: true });
  const last = (run: string) => readFile(join(root, run, "checkpoints", "6", "tensors.safetensors"), "hex");
  expect(await last("parts")).toBe(await last("whole"));
}
