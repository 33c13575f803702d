/** The deep fully connected network with a condition, for logits of several energies. */
import {
  dense,
  leakyRelu,
  refreshed,
  residual,
  sequential,
  sinusoidal,
  spectral,
  type Conditioned,
  type Layer,
  type SpectralLayer,
  type SpectralParams,
} from "@ergodic/nn";
import { tidy } from "@ergodic/engine";
import { assertCount, assertPositiveInteger, assertShape, fail, random, tree, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** What the network reads: x, c, and for a network with a context that too. */
export type ConditionedInContext = Conditioned & { readonly context?: tf.Tensor };

export interface ConditionalResidualMlpOptions {
  /** Numbers of an input. */
  readonly in: number;
  /** Numbers of a context, `[batch, context]`. Default: there is none. */
  readonly context?: number;
  /** Numbers of an output. */
  readonly out: number;
  /** Features of every layer, an even number of at least 4. Default 200. */
  readonly width?: number;
  /** Residual blocks. Default 12. */
  readonly blocks?: number;
}

export type ConditionalResidualMlpParams = {
  readonly point: readonly TensorTree[];
  readonly condition: readonly TensorTree[];
  /** Absent without a context. */
  readonly context?: readonly TensorTree[];
  readonly merge: SpectralParams;
  readonly trunk: readonly TensorTree[];
};

/**
 * Power iterations of a fresh layer. A random direction gives too small a norm, and a stack of such
 * layers is far too steep for chains.
 */
const settling = 15;

const affine = (from: number, to: number): SpectralLayer => {
  const layer = spectral(dense({ in: from, out: to }), { form: "standard" });
  return {
    ...layer,
    init(key) {
      // Refreshing a spectral layer reads no input.
      const input = tf.zeros([1, from]);
      return tidy(() =>
        Array.from({ length: settling }).reduce<SpectralParams>(
          (params) => layer.refresh!(params, input),
          layer.init(key),
        ),
      );
    },
  };
};

/**
 * f(x; c) = W a(r_B) + b with r_i = r_{i-1} + W_i a(r_{i-1}) + b_i, r_0 = W_0 [a(point(x)),
 * a(embed(c))] + b_0, and leaky units a of slope 0.2. `point` and `embed` are affine, a, affine;
 * `embed` reads sines and cosines of c. A context has a map like `point`, and a part of W_0.
 *
 * Input x `[batch, in]`, condition `[batch]`, output `[batch, out]`. All affine maps are spectrally
 * normalised, so no |∇f_k| is above 2^blocks.
 *
 * Yu et al., "Latent Diffusion Energy-Based Model for Interpretable Text Modeling", arXiv
 * 2206.05895.
 *
 * @throws ValidationError for a size out of range, or an x of another shape.
 */
export function conditionalResidualMlp(
  options: ConditionalResidualMlpOptions,
): Layer<ConditionalResidualMlpParams, ConditionedInContext> {
  const { in: inputs, out, context: told, width = 200, blocks = 12 } = options;
  assertPositiveInteger({ in: inputs, out, ...(told !== undefined && { context: told }) });
  assertCount({ blocks }, 1_000);
  const leaky = leakyRelu();
  type Stack = Layer<readonly TensorTree[]>;
  const point: Stack = sequential(affine(inputs, width), leaky, affine(width, width));
  const condition: Stack = sequential(sinusoidal({ width }), affine(width, width), leaky, affine(width, width));
  const context: Stack | undefined =
    told === undefined ? undefined : sequential(affine(told, width), leaky, affine(width, width));
  const merge = affine((context ? 3 : 2) * width, width);
  const trunk: Stack = sequential<readonly TensorTree[]>(
    ...Array.from({ length: blocks }, () => residual(sequential(leaky, affine(width, width)))),
    leaky,
    affine(width, out),
  );
  const contextIn = ({ image, context: given }: ConditionedInContext): tf.Tensor => {
    if (given === undefined) return fail("conditionalResidualMlp was given no context", `[batch, ${told}]`);
    assertShape("the context of conditionalResidualMlp", given, [image.shape[0]!, told!], "one row for each input");
    return given;
  };
  /** r_0. The parts of condition and context are terms of their own, which a chain computes once. */
  const merged = (params: ConditionalResidualMlpParams, input: ConditionedInContext): tf.Tensor => {
    const { image, condition: c } = input;
    assertShape("the input of conditionalResidualMlp", image, [null, inputs], `it was made with in: ${inputs}`);
    const { weight, bias } = merge.normalised(params.merge);
    const [ofPoint, ...others] = tf.split(weight, context ? 3 : 2, 0) as [tf.Tensor, ...tf.Tensor[]];
    const known = [
      condition.apply(params.condition, c),
      ...(context ? [context.apply(params.context!, contextIn(input))] : []),
    ];
    const terms = known.map((features, i) => tf.matMul(leaky.apply([], features), others[i]!));
    const offset = tf.add(
      terms.reduce((sum, term) => tf.add(sum, term)),
      bias,
    );
    return tf.add(tf.matMul(leaky.apply([], point.apply(params.point, image)), ofPoint), offset);
  };
  return {
    init: (key) => ({
      point: point.init(random.fold(key, 0)),
      condition: condition.init(random.fold(key, 1)),
      ...(context && { context: context.init(random.fold(key, 4)) }),
      merge: merge.init(random.fold(key, 2)),
      trunk: trunk.init(random.fold(key, 3)),
    }),
    apply: (params, input) => trunk.apply(params.trunk, merged(params, input)),
    refresh(params, input) {
      return tidy(() => {
        const first = tree.map((leaf) => tf.slice(leaf, 0, 1), input);
        return {
          point: refreshed(point, params.point, first.image),
          condition: refreshed(condition, params.condition, first.condition),
          ...(context && { context: refreshed(context, params.context!, contextIn(first)) }),
          // Refreshing a spectral layer reads no input.
          merge: refreshed(merge, params.merge, first.image),
          trunk: refreshed(trunk, params.trunk, merged(params, first)),
        };
      });
    },
  };
}
