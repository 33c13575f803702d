/** Runs NUTS on a target, once per request: `worker.ts TARGET CHAINS THREADS STEPS DATA`. */
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { useEngine } from "@ergodic/engine";
import { nuts, openKernel, sample, warmUp } from "@ergodic/samplers";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { RunReport, RunRequest } from "./protocol.js";
import { targets } from "./targets.js";

const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const [name, chains, threads, steps, file] = process.argv.slice(2) as [string, string, string, string, string];
const engine = await useEngine("onnx");
const { energy, start: law } = targets[name]!.open(JSON.parse(readFileSync(file, "utf8")));
const kernel = openKernel(nuts({ energy }));
const [starts, draws] = [{ chains: Number(chains), law }, Number(steps)];
say({ about: engine.description, threads: Number(threads), firstCallMs: 0 });

for await (const line of createInterface({ input: process.stdin })) {
  const { seed, to } = JSON.parse(line) as RunRequest;
  const [warmKey, drawKey] = random.split(random.key(seed), 2);
  const started = performance.now();
  const tuned = await warmUp(kernel, starts, { steps: draws, key: warmKey! });
  const drawn = await sample(kernel, { initial: tuned, draws, key: drawKey! });
  const leaves = tree.leaves(drawn.positions).map((leaf) => tf.reshape(leaf, [starts.chains, draws, -1]));
  const values = await tf.concat(leaves, 2).data();
  const seconds = (performance.now() - started) / 1000;
  writeFileSync(to, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  tree.dispose([leaves, tuned, drawn]);
  say({ seconds, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies RunReport);
}
