/** One case on one of our engines, in a process of its own so that its peak memory is its own: `worker.ts CASE ENGINE`. */
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { useEngine, type EngineName } from "@ergodic/engine";
import { caseNamed } from "./cases/index.js";
import type { Ready, Request, Sample } from "./protocol.js";

const say = (message: Ready | Sample): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const [name, engineName] = process.argv.slice(2);

const engine = await useEngine(engineName as EngineName);
const { call } = await caseNamed(name!).prepare();
const started = performance.now();
const value = await call();
const firstCallMs = performance.now() - started;
if (!Number.isFinite(value)) throw new Error(`the case "${name}" gave ${value}`);

say({ about: engine.description, threads: engine.compiled ? availableParallelism() : 1, firstCallMs });

for await (const line of createInterface({ input: process.stdin })) {
  const { calls, warm } = JSON.parse(line) as Request;
  if (warm) await call();
  const start = performance.now();
  for (let i = 0; i < calls; i++) await call();
  const ms = (performance.now() - start) / calls;
  say({ ms, peakMiB: process.resourceUsage().maxRSS / 1024 });
}
