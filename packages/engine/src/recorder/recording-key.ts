/**
 * The key that a traced function receives.
 *
 * Deriving from it records the path. Drawing from it creates an input that the host fills at each
 * call.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { drawDtype, keyBrand, type Draw, type Key } from "@ergodic/tensor";
import type { RecordingBackend } from "./recording-backend.js";

export class RecordingKey implements Key {
  readonly [keyBrand] = true;

  constructor(
    private readonly backend: RecordingBackend,
    private readonly leaf: number,
    private readonly path: readonly number[] = [],
  ) {}

  derive(index: number): Key {
    return new RecordingKey(this.backend, this.leaf, [...this.path, index]);
  }

  draw(draw: Draw): tf.Tensor {
    return this.backend.addInput(
      { shape: draw.shape, dtype: drawDtype(draw) },
      { kind: "random", leaf: this.leaf, path: this.path, draw },
    );
  }
}
