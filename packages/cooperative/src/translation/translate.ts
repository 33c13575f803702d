/** Translation of examples by trained networks: raw, or refined by the chain. */
import { compile } from "@ergodic/engine";
import { assertNonNegativeInteger, inChunks, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { revised } from "../chain.js";
import { energyParams, type TranslationParams } from "./learning.js";
import type { ResolvedTranslation } from "./options.js";
import { assertSide, toward, type Side, type Sides } from "./sides.js";

/** The parts of the parameters that one direction needs. */
export type OneDirection = {
  readonly translator: TensorTree;
  readonly energy: TensorTree;
};

export interface TranslateOptions {
  /** The side that examples are brought to. */
  readonly to: Side;
  /** Langevin steps under the energy of that side; 0 gives raw translations. */
  readonly steps: number;
  readonly key: Key;
}

/** The paths of these parts in the parameters. */
const parts = ({ to, steps }: Pick<TranslateOptions, "to" | "steps">): string[] => [
  `translators.to${to.toUpperCase()}`,
  ...(steps > 0 ? [`energy${to.toUpperCase()}`] : []),
];

/** Channels of each side, of translators that tell how many they take. */
function channelsOf({ translators: { toX, toY } }: ResolvedTranslation): { channels?: Sides<number> } {
  const [x, y] = [toY, toX].map((layer) => (layer as { readonly inputChannels?: number }).inputChannels);
  return x === undefined || y === undefined ? {} : { channels: { x, y } };
}

/** Numbers in one call: bounds the memory of a large request. */
const mostNumbers = 2 ** 20;

export function translations(options: ResolvedTranslation) {
  const { energyOf, translators, chain } = options;
  const apply = compile((params: TensorTree, x: tf.Tensor, to: Side) => toward(translators, to).apply(params, x));
  const refine = compile(
    ({ translator, energy }: OneDirection, x: tf.Tensor, to: Side, steps: number, key: Key): tf.Tensor =>
      revised(chain, (at) => energyOf(to, x).energy(energy, at), toward(translators, to).apply(translator, x), {
        ...{ key, steps },
      }),
  );
  return {
    about: { steps: chain.steps, parts, ...channelsOf(options) },
    /**
     * Translations of examples `[n, ...]` of the other side.
     *
     * Only the translator and, with steps, the energy of the direction are read.
     *
     * @throws ValidationError for another side, or steps that are no whole number
     */
    async translate(params: TranslationParams, x: tf.Tensor, { to, steps, key }: TranslateOptions): Promise<tf.Tensor> {
      assertSide("to", to);
      assertNonNegativeInteger({ steps });
      const [n = 0] = x.shape;
      const translator = toward(params.translators, to);
      const chunk = Math.max(1, Math.min(n, Math.floor(mostNumbers / (x.size / Math.max(n, 1)))));
      return inChunks(n, { chunk, key }, async (count, part, from) => {
        const some = count === n ? x : tf.slice(x, from, count);
        try {
          return steps === 0
            ? await apply(translator, some, to)
            : await refine({ translator, energy: energyParams(params, to) }, some, to, steps, part);
        } finally {
          if (some !== x) some.dispose();
        }
      });
    },
    dispose: () => Promise.all([apply.dispose(), refine.dispose()]),
  };
}
