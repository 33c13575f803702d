/** Composition and inversion of bijectors. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type TensorTree } from "@ergodic/tensor";
import { transformed, type Bijector, type Transformed } from "./bijector.js";

type Step = (at: tf.Tensor) => Transformed;

function through(steps: readonly Step[], start: tf.Tensor): Transformed {
  const passed: Transformed[] = [];
  for (const step of steps) passed.push(step(passed.at(-1)?.value ?? start));
  const none: tf.Tensor1D = tf.zeros([start.shape[0]!]);
  return transformed(passed.at(-1)?.value ?? start, () =>
    passed.reduce((sum, { logDet }) => tf.add(sum, logDet), none),
  );
}

/** Parameters for `forward`, with what bijectors of one kind need of theirs computed together. */
function withDerived(list: readonly Bijector[], params: readonly TensorTree[]): readonly TensorTree[] {
  const kinds = new Map<string, number[]>();
  list.forEach(({ together }, i) => {
    if (together !== undefined) kinds.set(together.kind, [...(kinds.get(together.kind) ?? []), i]);
  });
  const all = [...params];
  for (const places of kinds.values()) {
    if (places.length === 1) continue;
    const derived = list[places[0]!]!.together!.derived(places.map((i) => params[i]!));
    places.forEach((i, k) => (all[i] = derived[k]!));
  }
  return all;
}

/**
 * h = h_n ∘ … ∘ h_1, applied first to last.
 *
 * Parameters are the list of the parameters of each bijector. Bijector i is initialised with key
 * `fold(key, i)`.
 */
export function chain<P extends readonly TensorTree[]>(
  ...bijectors: { readonly [I in keyof P]: Bijector<P[I]> }
): Bijector<P> {
  const list = bijectors as readonly Bijector[];
  return {
    init: (key) => list.map((bijector, i) => bijector.init(random.fold(key, i))) as readonly TensorTree[] as P,
    forward(params, x) {
      const derived = withDerived(list, params);
      return through(
        list.map((bijector, i) => (at) => bijector.forward(derived[i]!, at)),
        x,
      );
    },
    inverse: (params, z) =>
      through(
        list
          .map(
            (bijector, i): Step =>
              (at) =>
                bijector.inverse(params[i]!, at),
          )
          .reverse(),
        z,
      ),
    calibrate(params, x) {
      let at = x;
      return list.map((bijector, i) => {
        const calibrated = bijector.calibrate?.(params[i]!, at) ?? params[i]!;
        at = bijector.forward(calibrated, at).value;
        return calibrated;
      }) as readonly TensorTree[] as P;
    },
    prepared: (params) =>
      list.map((bijector, i) => bijector.prepared?.(params[i]!) ?? params[i]!) as readonly TensorTree[] as P,
  };
}

/**
 * The bijector whose `forward` is the given `inverse`, and the other way round.
 *
 * It cannot be calibrated, because calibration needs data on the other side.
 */
export const invert = <P extends TensorTree>({ init, forward, inverse }: Bijector<P>): Bijector<P> => ({
  init,
  forward: inverse,
  inverse: forward,
});
