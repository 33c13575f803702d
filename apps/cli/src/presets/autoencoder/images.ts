/**
 * `ergodic train autoencoder/images`: the baseline of `latent-prior/images` in anomaly detection.
 */
import { adam, conv2d, flatten, leakyRelu, sequential, type Layer } from "@ergodic/nn";
import type { TensorTree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { autoencoder } from "../../preset-parts/autoencoder.js";
import {
  pictureGenerator,
  pictureOptions,
  pictures,
  widthOf,
  type PictureOptions,
} from "../../preset-parts/own-pictures.js";

/**
 * The generator's layers in reverse: 4x4 convolutions of stride 2 to a side of 4, and one over it.
 */
function encoder(options: PictureOptions): Layer<readonly TensorTree[]> {
  const layers: Layer<TensorTree>[] = [];
  let channels = 3;
  for (let side: number = options.size; side > 4; side /= 2) {
    const out = channels === 3 ? widthOf(options) : 2 * channels;
    layers.push(conv2d({ in: channels, out, kernel: 4, stride: 2, padding: 1 }), leakyRelu());
    channels = out;
  }
  layers.push(conv2d({ in: channels, out: options.latentDimension, kernel: 4, padding: 0 }), flatten());
  return sequential(...layers);
}

export default defineExperiment({
  name: "autoencoder/images",
  description:
    "pictures in a folder of your own, an autoencoder: the baseline of latent-prior/images in anomaly scores",
  options: z.object({ ...pictureOptions, learningRate: z.number().positive().default(1e-3) }),
  data: (chosen) => pictures(chosen, "train"),
  model: (chosen) =>
    autoencoder({
      encoder: encoder(chosen),
      decoder: pictureGenerator(chosen),
      optimizer: adam({ learningRate: chosen.learningRate, beta1: 0.5 }),
    }),
  evaluation: (chosen) => ({ test: pictures(chosen, "test") }),
  training: { iterations: 1_000, batchSize: 32, averaging: 0.99, checkpointEvery: 250, sampleEvery: 250 },
});
