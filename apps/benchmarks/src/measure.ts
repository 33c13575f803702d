/** One case on every peer, one sample each in turn, so that what else the machine does falls on all of them alike. */
import { setTimeout as pause } from "node:timers/promises";
import type { Fingerprint } from "./agreement.js";
import type { PeerProcess } from "./peer-process.js";
import type { Ready, Sample } from "./protocol.js";
import { quietGate, type Gate } from "./quiet.js";
import { median, quantile } from "./statistics.js";

export interface Contestant {
  readonly name: string;
  /** Timed calls in a sample. */
  readonly calls: number;
  /** Whether each sample begins with a call that is not timed. */
  readonly warm: boolean;
  /** In how many of the rounds it takes part, from the first. */
  readonly rounds: number;
  start(): Promise<PeerProcess>;
}

export interface Measurement {
  readonly about: string;
  readonly threads: number;
  /** Of one call, over the samples. */
  readonly medianMs: number;
  readonly quartilesMs: readonly [number, number];
  readonly samplesMs: readonly number[];
  /** How many of the samples were taken while nobody else computed, as far as the gate judged. */
  readonly quietSamples: number;
  readonly firstCallMs: number;
  readonly peakMiB: number | null;
  /** Of its results; empty when the case compares none. */
  readonly fingerprint: Fingerprint;
}

export type Outcome = Measurement | { readonly error: string };

/** Lets the threads of the peer before go to sleep; thread pools spin for a while after their work. */
const SETTLE_MS = 30;

/** Samples of every contestant, by name. A contestant that fails has its error in place of figures and the others go on. */
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
      running.push({ contestant, peer: await contestant.start(), samples: [], quiet: 0 });
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
