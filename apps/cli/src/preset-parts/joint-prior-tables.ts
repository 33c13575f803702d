/** The tables of `joint-prior/*`. */
import { celeba64Decoder, cifar10Decoder, svhn32Decoder } from "@ergodic/generators";
import type { JointPriorTable } from "./joint-prior-table.js";

export const jointPriorTables = {
  svhn: { set: "svhn", decoder: svhn32Decoder, features: 64, dimensions: [100, 100], halvings: 2 },
  cifar10: { set: "cifar10", decoder: cifar10Decoder, features: 128, dimensions: [128, 100], halvings: 2 },
  celeba64: { set: "celeba-64", decoder: celeba64Decoder, features: 128, dimensions: [100, 100], halvings: 3 },
} as const satisfies Readonly<Record<string, JointPriorTable>>;
