/** A key between two others: its normal numbers are those of both, mixed by an angle. */
import * as tf from "@tensorflow/tfjs-core";
import type { Draw } from "./draw.js";
import { keyBrand, type Key } from "./key.js";
import { fail } from "./validation.js";

/** The angle, shaped to broadcast along the rows of a draw. */
function alongRows(angle: tf.Tensor, shape: readonly number[]): tf.Tensor {
  if (angle.rank === 0) return angle;
  const [rows] = angle.shape;
  if (angle.rank !== 1 || rows !== shape[0]) {
    fail(
      `the angle of blended keys has shape [${angle.shape.join(",")}] in a draw of [${shape.join(",")}]`,
      `[] or [${shape[0] ?? ""}]`,
      "give one angle for all rows, or one for each",
    );
  }
  return tf.reshape(angle, [rows!, ...shape.slice(1).map(() => 1)]);
}

/** See `random.blended`. */
export class BlendedKey implements Key {
  readonly [keyBrand] = true;
  readonly #from: Key;
  readonly #to: Key;
  readonly #angle: tf.Tensor;

  constructor(from: Key, to: Key, angle: tf.Tensor) {
    this.#from = from;
    this.#to = to;
    this.#angle = angle;
  }

  derive(path: number): BlendedKey {
    return new BlendedKey(this.#from.derive(path), this.#to.derive(path), this.#angle);
  }

  draw(spec: Draw): tf.Tensor {
    if (spec.kind !== "normal") {
      fail(`a blended key was asked for ${spec.kind} numbers`, "normal ones", "only normal numbers can be blended");
    }
    const centred = { ...spec, mean: 0 };
    const angle = alongRows(this.#angle, spec.shape);
    const parts = [tf.mul(tf.cos(angle), this.#from.draw(centred)), tf.mul(tf.sin(angle), this.#to.draw(centred))];
    const blend = tf.add(parts[0]!, parts[1]!);
    return spec.mean === 0 ? blend : tf.add(spec.mean, blend);
  }
}
