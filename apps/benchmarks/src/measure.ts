/**
 * Measures one case on every peer, with samples interleaved.
 *
 * Other load on the machine then affects all peers alike.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Fingerprint } from "./agreement.js";
import type { PeerProcess } from "./peer-process.js";
import type { Ready, Sample } from "./protocol.js";
import { quietGate, type Gate } from "./quiet.js";
import { median, quantile } from "./statistics.js";

export interface Contestant {
  readonly name: string;
  /** Timed calls per sample. */
  readonly calls: number;
  /** Whether each sample starts with an untimed call. */
  readonly warm: boolean;
  /**
   * Milliseconds for which it repeats the case before the first sample. V8 optimises what runs
   * often, and its compiler needs processors too.
   */
  readonly warmUpMs: number;
  /** Number of rounds in which it takes part, starting from the first. */
  readonly rounds: number;
  start(): Promise<PeerProcess>;
}

export interface Measurement {
  readonly about: string;
  readonly threads: number;
  /** Median over samples of the time of one call. */
  readonly medianMs: number;
  readonly quartilesMs: readonly [number, number];
  readonly samplesMs: readonly number[];
  /** Number of samples that the gate judged quiet: no other program computed. */
  readonly quietSamples: number;
  readonly firstCallMs: number;
  readonly peakMiB: number | null;
  /** Fingerprint of its results. Empty when the case compares none. */
  readonly fingerprint: Fingerprint;
}

export type Outcome = Measurement | { readonly error: string };

/**
 * Pause until the thread pool of the previous peer sleeps. Thread pools spin for a while after
 * their work.
 */
const SETTLE_MS = 30;

/**
 * Samples of every contestant, by name. A failed contestant has its error instead of figures, and
 * the others continue.
 */
export async function measure(
  contestants: readonly Contestant[],
  rounds: number,
  gate: Gate = quietGate(0),
): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  const running: { contestant: Contestant; peer: PeerProcess; samples: Sample[]; quiet: number }[] = [];
  const fail = (contestant: Contestant, error: unknown): void => {
    outcomes[contestant.name] = { error: error instanceof Error ? error.message : String(error) };
  };
  for (const contestant of contestants) {
    try {
      const peer = await contestant.start();
      running.push({ contestant, peer, samples: [], quiet: 0 });
      await warmUp(peer, contestant);
    } catch (error) {
      fail(contestant, error);
    }
  }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? running : [...running].reverse();
    for (const one of order) {
      const { contestant, peer, samples } = one;
      if (round >= contestant.rounds || contestant.name in outcomes) continue;
      try {
        await pause(SETTLE_MS);
        const taken = await gate(() => peer.sample({ calls: contestant.calls, warm: contestant.warm }));
        samples.push(taken.value);
        if (taken.quiet) one.quiet += 1;
      } catch (error) {
        fail(contestant, error);
      }
    }
  }
  for (const { contestant, peer, samples, quiet } of running) {
    if (!(contestant.name in outcomes)) {
      try {
        outcomes[contestant.name] = summarise(peer.ready, samples, quiet, await peer.check());
      } catch (error) {
        fail(contestant, error);
      }
    }
    await peer.close();
  }
  return Object.fromEntries(contestants.map(({ name }) => [name, outcomes[name]!]));
}

async function warmUp(peer: PeerProcess, { calls, warmUpMs }: Contestant): Promise<void> {
  const end = performance.now() + warmUpMs;
  while (performance.now() < end) await peer.sample({ calls, warm: false });
}

function summarise(
  ready: Ready,
  samples: readonly Sample[],
  quietSamples: number,
  fingerprint: Fingerprint,
): Measurement {
  const samplesMs = samples.map(({ ms }) => ms);
  return {
    about: ready.about,
    threads: ready.threads,
    medianMs: median(samplesMs),
    quartilesMs: [quantile(samplesMs, 0.25), quantile(samplesMs, 0.75)],
    samplesMs,
    quietSamples,
    firstCallMs: ready.firstCallMs,
    peakMiB: samples.at(-1)?.peakMiB ?? null,
    fingerprint,
  };
}
