/**
 * Layer normalisation.
 *
 * Source: Ba, Kiros and Hinton, "Layer Normalization", arXiv 1607.06450.
 */
import type { Layer } from "./layer.js";
import {
  assertChannels,
  assertSeveral,
  momentsAlong,
  normInit,
  scaledAndShifted,
  standardised,
  type NormOptions,
  type NormParams,
} from "./normalisation.js";

/**
 * Layer normalisation: y = scale (x - m)/sqrt(v + ε) + offset, with the mean m and the variance v
 * over the last axis. Each position is normalised by itself.
 *
 * Input and output are `[batch, ..., channels]`, the parameters `scale` and `offset` are
 * `[channels]`. The layer is PyTorch's `nn.LayerNorm(channels)`.
 *
 * @throws ValidationError for options out of range, an input of another shape, or a single channel.
 */
export function layerNorm(options: NormOptions): Layer<NormParams> {
  const { channels, epsilon = 1e-5 } = options;
  const init = normInit(options);
  assertSeveral("layerNorm", channels, "position");
  return {
    init,
    apply(params, input) {
      assertChannels("layerNorm", input, channels);
      return scaledAndShifted(standardised(input, momentsAlong(input, [input.rank - 1]), epsilon), params);
    },
  };
}
