/** The classifier of digits as a pure function, for labels of chains. */
import { readFileSync } from "node:fs";
import { packedArrays } from "@ergodic/formats";
import * as tf from "@tensorflow/tfjs-core";
import { floatsOf } from "../weights/weights-in.js";
import { shippedLenet } from "./load.js";
import { lenet } from "./network.js";
import { lenetParams } from "./params.js";

/**
 * The most probable digit of each image, from `[n, 28, 28, 1]` in [-1, 1] to int32 `[n]`, by the
 * weights in this package.
 *
 * The function is pure and can be compiled. It names a digit for any image, also one of no digit.
 */
export function digitClassifier(): (images: tf.Tensor) => tf.Tensor1D {
  const path = shippedLenet();
  const weights = floatsOf(packedArrays(readFileSync(path), path));
  return (images) => tf.tidy(() => tf.argMax(lenet(lenetParams(weights), images).logits, 1));
}
