/**
 * The paths of the files of a run:
 *
 *     config.json   status.json   metrics.jsonl   report.html   diagnostics.json   experiment/
 *     run.lock      checkpoints/<iteration>/      samples/<iteration>.png
 *     samples/{data,landscape,reconstruction,translation}-<iteration>.png
 *     workers/<k>/<iteration>/      what only worker k > 0 has, in a run of several workers
 *
 * Samples of texts end in `.txt`.
 */
import { join, resolve } from "node:path";
import { lockFile } from "./lock.js";

/** Absolute paths of a run. */
export interface RunPaths {
  readonly folder: string;
  readonly config: string;
  readonly lock: string;
  readonly status: string;
  readonly metrics: string;
  readonly checkpoints: string;
  readonly samples: string;
  readonly diagnostics: string;
  readonly report: string;
  /** The experiment's file and the files it imports. */
  readonly experiment: string;
  /** Checkpoints of the tensors that belong to one worker. */
  readonly workers: string;
}

/** Paths inside a run folder. */
export function runPaths(folder: string): RunPaths {
  const root = resolve(folder);
  return {
    folder: root,
    config: join(root, "config.json"),
    lock: join(root, lockFile),
    status: join(root, "status.json"),
    metrics: join(root, "metrics.jsonl"),
    checkpoints: join(root, "checkpoints"),
    samples: join(root, "samples"),
    diagnostics: join(root, "diagnostics.json"),
    report: join(root, "report.html"),
    experiment: join(root, "experiment"),
    workers: join(root, "workers"),
  };
}
