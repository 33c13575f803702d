/**
 * Operator profiling of all ONNX Runtime sessions created from now on, without changes to the
 * engine.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import type { ProfileEvent } from "./profile.js";

export interface SessionProfiler {
  /** Discards all previous runs. */
  restart(): void;
  /** Milliseconds spent within `session.run` since the last restart. */
  readonly runningMs: number;
  /** Ends profiling. Returns the events of all sessions since the last restart. */
  finish(): ProfileEvent[];
}

interface Watched {
  readonly session: InferenceSession;
  readonly prefix: string;
  runs: number;
  /** Number of runs before the last restart. */
  skipped: number;
}

type Create = (model: Uint8Array, options?: InferenceSession.SessionOptions) => Promise<InferenceSession>;

/** Replaces `InferenceSession.create` of this process permanently. */
export function profileSessions(): SessionProfiler {
  const folder = mkdtempSync(join(tmpdir(), "ergodic-profile-"));
  const watched: Watched[] = [];
  let runningMs = 0;
  const create = InferenceSession.create.bind(InferenceSession) as Create;
  const profiled: Create = async (model, options) => {
    const prefix = `session${watched.length}-`;
    const session = await create(model, {
      ...options,
      enableProfiling: true,
      profileFilePrefix: join(folder, prefix),
    });
    const entry: Watched = { session, prefix, runs: 0, skipped: 0 };
    watched.push(entry);
    const run = session.run.bind(session) as (...given: unknown[]) => ReturnType<typeof session.run>;
    session.run = async (...given: unknown[]) => {
      const start = performance.now();
      try {
        return await run(...given);
      } finally {
        // The engine ends some runs by an error after all results are written.
        runningMs += performance.now() - start;
        entry.runs += 1;
      }
    };
    return session;
  };
  Object.assign(InferenceSession, { create: profiled });
  return {
    restart() {
      runningMs = 0;
      for (const entry of watched) entry.skipped = entry.runs;
    },
    get runningMs() {
      return runningMs;
    },
    finish() {
      for (const { session } of watched) session.endProfiling();
      const files = readdirSync(folder);
      const events = watched.flatMap(({ prefix, skipped }) => {
        const file = files.find((name) => name.startsWith(prefix));
        if (file === undefined) throw new Error(`ONNX Runtime wrote no profile that starts with ${prefix}`);
        return afterRuns(JSON.parse(readFileSync(join(folder, file), "utf8")) as ProfileEvent[], skipped);
      });
      rmSync(folder, { recursive: true });
      return events;
    },
  };
}

/**
 * The events of a session from run number `skipped` on. Events before the first run are dropped
 * too.
 */
export function afterRuns(events: readonly ProfileEvent[], skipped: number): ProfileEvent[] {
  const starts = events.filter(({ name }) => name === "model_run").map(({ ts }) => ts);
  const from = starts.sort((a, b) => a - b)[skipped] ?? Infinity;
  return events.filter(({ ts }) => ts >= from);
}
