/**
 * Ancestral sampling: from x_T ~ N(0, I) down the ladder, one conditional draw for each level.
 *
 * Gao et al., arXiv 2012.08125, Algorithm 2. The last division is by α_{T-1} = 1 where the top
 * level is marginal.
 */
import { compile } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { compiledDraws } from "./compiled-draws.js";
import { restored, type RecoveryParams } from "./draws.js";
import { along, type Levels } from "@ergodic/noising";
import { keyOf, part, type Randomness } from "./randomness.js";

/** What samples are made from. */
export interface Sampled<P extends TensorTree> {
  readonly params: RecoveryParams<P>;
  /** s_t, `[T]`. */
  readonly stepSizes: tf.Tensor1D;
}

/** Known entries of clean data. */
export interface Known {
  /** 1 where an entry is known and 0 elsewhere, `[n, ...shape]` or broadcasting to it. */
  readonly mask: tf.Tensor;
  /** Clean data, `[n, ...shape]`. Unknown entries are ignored. */
  readonly values: tf.Tensor;
  /** Of the noise on the known entries. */
  readonly key: Key;
}

export interface AncestralRequest {
  readonly randomness: Randomness;
  readonly n: number;
  /** K of every level. */
  readonly steps: number;
  /** η. */
  readonly noise: number;
  readonly known?: Known | undefined;
}

export interface AncestralParts<P extends TensorTree> {
  readonly draws: ReturnType<typeof compiledDraws<P>>;
  readonly levels: Levels;
  readonly shape: readonly number[];
}

export function ancestral<P extends TensorTree>({ draws, levels, shape }: AncestralParts<P>) {
  const { count, ladder, transitions } = levels;
  const above = compile((x: tf.Tensor, share: tf.Tensor, sd: tf.Tensor, key: Key) =>
    tf.add(tf.mul(share, x), tf.mul(sd, random.normal(key, x.shape))),
  );

  /** x_0 .. x_T of known data, by the forward process. */
  async function noised({ values, key }: Known): Promise<tf.Tensor[]> {
    const path: tf.Tensor[] = [];
    for (let i = 0; i <= count; i++) {
      const numbers = [tf.scalar(ladder.stepSignal[i]!), tf.scalar(ladder.stepNoise[i]!)] as const;
      path.push(await above(path[i - 1] ?? values, ...numbers, random.fold(key, i)));
      tree.dispose(numbers);
    }
    return path;
  }

  /** x_T, and y_t = α_t x_t of a known path. */
  const startOf = ({ randomness, n, known }: AncestralRequest, path: readonly tf.Tensor[]): tf.Tensor =>
    tf.tidy(() => {
      const noise = random.normal(keyOf(part(randomness, count)), [n, ...shape]);
      return known === undefined ? noise : restored(noise, { mask: known.mask, values: path[count]! });
    });

  return {
    /**
     * Calls `visit` with every level: T and x_T, then t and x_t with x_{t+1} down to 0. The caller
     * owns what the last call returns; other tensors are disposed.
     */
    async descend(
      { params, stepSizes }: Sampled<P>,
      request: AncestralRequest,
      visit: (t: number, near: tf.Tensor, far: tf.Tensor) => Promise<void> = async () => {},
    ): Promise<tf.Tensor> {
      const { randomness, n, steps, noise, known } = request;
      const path = known === undefined ? [] : await noised(known);
      let far = startOf(request, path);
      const factor = tf.scalar(noise);
      for (let t = count - 1; t >= 0; t--) {
        const transition = tf.fill([n], t, "int32") as tf.Tensor1D;
        const values = known && tf.tidy(() => tf.mul(transitions.scale[t]!, path[t]!));
        const held = values && { mask: known.mask, values };
        const input = { far, transition, stepSizes, noise: factor };
        const { y, ...others } = await draws.run(params, input, { randomness: part(randomness, t), steps, held });
        const near = tf.tidy(() => tf.div(y, along(transitions.scale, transition, y)));
        tree.dispose([y, transition, values ?? [], { ...others }]);
        await visit(t, near, far);
        far.dispose();
        far = near;
      }
      tree.dispose([factor, path]);
      return far;
    },
    dispose: () => above.dispose(),
  };
}
