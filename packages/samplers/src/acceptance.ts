/** Acceptance probabilities in the reports of kernels. */
import * as tf from "@tensorflow/tfjs-core";
import type { KernelInfo } from "./kernel.js";

/**
 * The reports of the kernels of a cycle or mixture, in their order; of any other kernel its own
 * report.
 */
export const reportsIn = (info: KernelInfo): readonly KernelInfo[] =>
  Array.isArray(info.parts) ? (info.parts as readonly KernelInfo[]) : [info];

/**
 * The acceptance probabilities of a step, `[chains]`.
 *
 * For a cycle or mixture they are the mean over its kernels. Nothing where a kernel has no accept
 * step.
 */
export function acceptanceIn(info: KernelInfo): tf.Tensor | undefined {
  if (info.acceptProb instanceof tf.Tensor) return info.acceptProb;
  const parts = reportsIn(info);
  if (parts[0] === info) return undefined;
  const reported = parts.map(acceptanceIn).filter((part) => part !== undefined);
  return reported.length < parts.length ? undefined : tf.div(tf.addN(reported), reported.length);
}
