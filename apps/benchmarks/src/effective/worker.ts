/** Runs NUTS on a target, once per request: `worker.ts TARGET CHAINS`. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { useEngine } from "@ergodic/engine";
import { nuts, openKernel, sample, warmUp } from "@ergodic/samplers";
import { random, tree } from "@ergodic/tensor";
import { STEPS, type RunReport, type RunRequest } from "./protocol.js";
import { targets } from "./targets.js";

const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const [name, chains] = process.argv.slice(2) as [string, string];
const engine = await useEngine("onnx");
const { energy, dimension } = targets[name]!;
const kernel = openKernel(nuts({ energy: energy() }));
say({ about: engine.description, threads: availableParallelism(), firstCallMs: 0 });

for await (const line of createInterface({ input: process.stdin })) {
  const { seed, to } = JSON.parse(line) as RunRequest;
  const [startKey, warmKey, drawKey] = random.split(random.key(seed), 3);
  const started = performance.now();
  const start = random.uniform(startKey!, [Number(chains), dimension], { low: -2, high: 2 });
  const tuned = await warmUp(kernel, start, { steps: STEPS, key: warmKey! });
  const drawn = await sample(kernel, { initial: tuned, draws: STEPS, key: drawKey! });
  const values = await drawn.positions.data();
  const seconds = (performance.now() - started) / 1000;
  writeFileSync(to, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  tree.dispose([start, tuned, drawn]);
  say({ seconds, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies RunReport);
}
