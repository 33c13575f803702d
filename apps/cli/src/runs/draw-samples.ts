/** Draws samples of a model in calls of bounded size, which can be shared among processes. */
import { jsonArray, valueOfJson, type Arrays, type Pieces } from "@ergodic/evaluation/model";
import { random, tree, type Key } from "@ergodic/tensor";
import { joinedSamples, readSamples, type HostSamples, type Show } from "@ergodic/training";
import type { Sampler } from "./sampler-of-run.js";

/** Samples in one call of the model. */
const atOnce = 100;

export interface Drawing {
  readonly samplers: readonly Sampler[];
  /** Samples of each sampler. */
  readonly n: number;
  readonly key: Key;
  readonly show: Show | undefined;
  readonly pieces: Pieces;
}

/**
 * `n` samples of each sampler, one sampler after the other. Undefined if `pieces` are only a share.
 *
 * All calls have the same size, so that one program serves all. The first has `key`, call i > 0 has
 * `fold(key, i)`.
 */
export async function drawSamples({ samplers, n, key, show, pieces }: Drawing): Promise<HostSamples | undefined> {
  const size = Math.min(atOnce, n);
  const calls = Math.ceil(n / size);
  const drawn: HostSamples[] = [];
  const results = pieces.results({
    name: "samples",
    count: samplers.length * calls,
    async compute(i) {
      const call = i % calls;
      const observations = await samplers[Math.floor(i / calls)]!(call === 0 ? key : random.fold(key, call), size);
      const samples = await readSamples(observations, show);
      tree.dispose(observations);
      return packed(samples);
    },
  });
  for await (const result of results) drawn.push(unpacked(result));
  if (!pieces.complete) return undefined;
  return joinedSamples(samplers.map((_, k) => joinedSamples(drawn.slice(k * calls, (k + 1) * calls), n)));
}

const packed = (samples: HostSamples): Arrays =>
  samples.kind === "text"
    ? { texts: jsonArray(samples.texts) }
    : {
        kind: jsonArray(samples.kind),
        values: { shape: samples.shape, values: Float32Array.from(samples.values) },
      };

const unpacked = ({ texts, kind, values }: Arrays): HostSamples =>
  texts === undefined
    ? { kind: valueOfJson<"images" | "points" | "sequences">(kind!), values: values!.values, shape: values!.shape }
    : { kind: "text", texts: valueOfJson<string[]>(texts) };
