/** Data, latents and samples of a model in the plane, coloured by their symbols. */
import { tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Panel } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";

/** Compiled functions of parameters. */
export interface PanelRules<P, X extends TensorTree> {
  /** A draw of q(z | x), `[batch, 2]`. */
  infer(params: P, x: X, key: Key): Promise<tf.Tensor>;
  /** Latents of the prior, `[n, 2]`. */
  sample(params: P, key: Key, n: number): Promise<tf.Tensor>;
  decode(params: P, z: tf.Tensor): Promise<TensorTree>;
  /** log p(s | z), `[n, symbols]`. */
  symbols(params: P, z: tf.Tensor): Promise<tf.Tensor>;
}

/**
 * Four panels: the data, draws of q(z | x), draws of the prior, and these decoded. Colours are the
 * likeliest symbols. Data and samples that are not points `[n, 2]` are left out.
 */
export const symbolPanels =
  <P, X extends TensorTree>({ infer, sample, decode, symbols }: PanelRules<P, X>) =>
  async (params: P, x: X, key: Key, n: number): Promise<Panel[]> => {
    const coloured = async (z: tf.Tensor): Promise<tf.Tensor> => {
      const logs = await symbols(params, z);
      try {
        return tf.tidy(() => tf.argMax(logs, 1));
      } finally {
        logs.dispose();
      }
    };
    const pair = async (outer: string, inner: string, z: tf.Tensor, points: TensorTree): Promise<[Panel?, Panel?]> => {
      const colours = await coloured(z);
      const latents: Panel = { title: inner, points: z, colours };
      if (points instanceof tf.Tensor && points.rank === 2 && points.shape[1] === 2)
        return [{ title: outer, points, colours: tf.clone(colours) }, latents];
      tree.dispose(points);
      return [undefined, latents];
    };
    const inferred = await infer(params, x, key);
    const [data, posterior] = await pair("data", "latents of the data", inferred, tree.clone(x));
    const drawn = await sample(params, key, n);
    const [samples, prior] = await pair("samples", "latents of the model", drawn, await decode(params, drawn));
    return [data, posterior, prior, samples].filter((panel) => panel !== undefined);
  };
