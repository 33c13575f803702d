/**
 * Trains the toy model until it is killed, and prints each iteration.
 *
 * kill.test.ts runs it as a process: endless.ts <folder> <new | resume>.
 */
import { useEngine } from "@ergodic/engine";
import { resolveConfig } from "../src/index.js";
import { train } from "../src/entries/node.js";
import { toyExperiment } from "./toy.js";

/** A function, because the process loads this file as CommonJS, which has no top-level await. */
async function main(folder: string, resume: boolean): Promise<void> {
  await useEngine("cpu");
  const experiment = toyExperiment({ iterations: 1_000_000, checkpointEvery: 2, averaging: 0.9 });
  await train({
    experiment,
    config: resolveConfig(experiment),
    folder,
    resume,
    onProgress: ({ iteration }) => process.stdout.write(`${iteration}\n`),
  });
}

const [folder = "", how] = process.argv.slice(-2);
void main(folder, how === "resume");
