/**
 * A substitute for a network: features are the three mean colours, and so are the logits of three
 * classes.
 */
import type { FeatureExtractor } from "../../src/entries/images.js";

export function colourExtractor(batchSize = 4): FeatureExtractor & { readonly calls: number[] } {
  const calls: number[] = [];
  return {
    calls,
    dimensions: 3,
    classes: 3,
    batchSize,
    protocol: { network: "mean colours", weights: "none", features: "3", resize: "none" },
    extract(images) {
      const rows = images.flatMap(({ pixels, count, channels }) =>
        Array.from({ length: count }, (_, i) => {
          const size = pixels.length / count;
          const own = Array.from(pixels.subarray(i * size, (i + 1) * size));
          const mean = (channel: number) =>
            own.filter((_value, at) => at % channels === channel % channels).reduce((a, b) => a + b, 0) /
            (size / channels);
          return [0, 1, 2].map(mean);
        }),
      );
      calls.push(rows.length);
      return Promise.resolve({ features: Float32Array.from(rows.flat()), logits: Float32Array.from(rows.flat()) });
    },
    dispose: () => Promise.resolve(),
  };
}
