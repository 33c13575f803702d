/** Latents and samples of a latent diffusion model, compiled: level by level from N(0, I). */
import { compile } from "@ergodic/engine";
import { assertInRange, assertInteger, inChunks, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { examplesIn } from "../examples.js";
import type { Far, LevelChains } from "./chains.js";
import type { ContextRules, DiffusionParams } from "./losses.js";
import type { ResolvedDiffusion } from "./options.js";

/** Samples of one call. */
const CHUNK = 500;

/** A symbol that samples are drawn given. */
export interface GivenSymbol {
  readonly symbol: number;
  /** Where it is given. Default "bottom": at level 0 alone. */
  readonly levels?: "bottom" | "all";
}

export interface LatentDraws<P, Batch, X extends TensorTree> {
  /** `n` latents x_0 of the prior, `[n, d]`. With a context, contexts are those of random examples. */
  latents(params: P, key: Key, n: number, symbol?: GivenSymbol): Promise<tf.Tensor>;
  /** `n` such latents, decoded. */
  samples(params: P, key: Key, n: number, symbol?: GivenSymbol): Promise<X>;
  /** `n` decoded draws of N(0, I). */
  reference(params: P, key: Key, n: number): Promise<X>;
  /** A sample in the context of each example. */
  inContext(params: P, batch: Batch, key: Key): Promise<X>;
  /** Decoded latents of a model without a context. */
  decode(params: P, z: tf.Tensor): Promise<X>;
  /** Decoded posterior means of a batch, in its contexts. */
  reconstruct(params: P, batch: Batch, means: Promise<tf.Tensor>): Promise<X>;
  dispose(): Promise<void>;
}

export function latentDraws<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Y extends TensorTree,
  S extends X,
>(
  options: ResolvedDiffusion<G, I, E, Batch, X, Y, S>,
  chains: LevelChains<E>,
  { contextOf, told }: ContextRules<S>,
): LatentDraws<DiffusionParams<G, I, E>, Batch, X> {
  type Params = DiffusionParams<G, I, E>;
  const { generator, observation, inference, context, levels, symbols: count, observe } = options;
  const descend = compile(({ energy }: Params, far: Far, key: Key) => chains.descend(energy, far, key));
  const decoded = compile(({ generator: of }: Params, at: { readonly z: tf.Tensor; readonly given?: tf.Tensor }) =>
    observation.decode(generator.apply(of, told(at.z, at.given))),
  );
  const encoded = compile((params: Params, x: S) => contextOf(params, x)!);

  let examples: ReturnType<NonNullable<typeof context>["data"]["load"]> | undefined;
  /** c of `n` random examples. */
  async function randomContext(params: Params, key: Key, n: number): Promise<tf.Tensor> {
    examples ??= context!.data.load();
    const { size, take } = await examples;
    const batch = take(random.host.integers(key, n, { high: size }));
    const found = await encoded(params, observe(batch));
    tree.dispose(batch as TensorTree);
    return found;
  }

  /** What `of` makes of a context, which is disposed after that. Undefined without a context. */
  async function using<T>(made: Promise<tf.Tensor> | undefined, of: (given?: tf.Tensor) => Promise<T>): Promise<T> {
    const given = await made;
    try {
      return await of(given);
    } finally {
      given?.dispose();
    }
  }

  async function descended(
    params: Params,
    key: Key,
    n: number,
    { symbol, given }: { readonly symbol?: GivenSymbol | undefined; readonly given?: tf.Tensor | undefined },
  ): Promise<tf.Tensor> {
    if (symbol !== undefined) {
      assertInteger({ symbol: symbol.symbol });
      assertInRange({ symbol: symbol.symbol }, { min: 0, max: count - 1 });
    }
    let far: tf.Tensor = random.normal(random.fold(key, levels.count), [n, inference.dimension]);
    for (let t = levels.count - 1; t >= 0; t--) {
      const isGiven = symbol !== undefined && (t === 0 || symbol.levels === "all");
      const own = {
        far,
        transition: tf.fill([n], t, "int32") as tf.Tensor1D,
        ...(isGiven && { symbols: tf.fill([n], symbol.symbol, "int32") as tf.Tensor1D }),
      };
      const next = await descend(params, { ...own, ...(given && { context: given }) }, random.fold(key, t));
      tree.dispose(own);
      far = next;
    }
    return far;
  }

  /** Decodes latents, and disposes them. */
  async function decodedOf(params: Params, latents: Promise<tf.Tensor>, given?: tf.Tensor): Promise<X> {
    const z = await latents;
    try {
      return await decoded(params, { z, ...(given && { given }) });
    } finally {
      z.dispose();
    }
  }

  /** `n` rows of what `of` makes, each with the context of a random example. */
  const rows = <T extends TensorTree>(
    params: Params,
    key: Key,
    n: number,
    of: (size: number, part: Key, given?: tf.Tensor) => Promise<T>,
  ): Promise<T> =>
    inChunks(n, { chunk: CHUNK, key }, (size, part) =>
      using(context && randomContext(params, random.fold(part, levels.count + 1), size), (given) =>
        of(size, part, given),
      ),
    );

  return {
    latents: (params, key, n, symbol) =>
      rows(params, key, n, (size, part, given) => descended(params, part, size, { symbol, given })),
    samples: (params, key, n, symbol) =>
      rows(params, key, n, (size, part, given) =>
        decodedOf(params, descended(params, part, size, { symbol, given }), given),
      ),
    reference: (params, key, n) =>
      rows(params, key, n, (size, part, given) =>
        decodedOf(params, Promise.resolve(random.normal(part, [size, inference.dimension])), given),
      ),
    inContext: (params, batch, key) =>
      using(encoded(params, observe(batch)), (given) =>
        decodedOf(params, descended(params, key, given!.shape[0]!, { given }), given),
      ),
    decode: (params, z) =>
      // Decoding draws nothing, so the key is not used.
      inChunks(examplesIn("the latents", z), { chunk: CHUNK, key: random.key(0) }, (size, _, from) =>
        decodedOf(params, Promise.resolve(tf.slice(z, from, size))),
      ),
    reconstruct: (params, batch, means) =>
      using(context && encoded(params, observe(batch)), (given) => decodedOf(params, means, given)),
    async dispose() {
      await Promise.all([descend, decoded, encoded].map((program) => program.dispose()));
    },
  };
}
