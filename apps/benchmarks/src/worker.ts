/**
 * Runs one case on one engine in its own process, so that peak memory is its own: `worker.ts CASE
 * ENGINE`.
 */
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { useEngine, type EngineName } from "@ergodic/engine";
import { caseNamed } from "./cases/index.js";
import { fingerprint } from "./agreement.js";
import type { Check, Ready, Request, Sample } from "./protocol.js";

const say = (message: Ready | Sample | Check): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const [name, engineName] = process.argv.slice(2);

const engine = await useEngine(engineName as EngineName);
const { call, check } = await caseNamed(name!).prepare();
const started = performance.now();
const value = await call();
const firstCallMs = performance.now() - started;
if (!Number.isFinite(value)) throw new Error(`the case "${name}" gave ${value}`);

say({ about: engine.description, threads: engine.compiled ? availableParallelism() : 1, firstCallMs });

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request | { readonly check: true };
  if ("check" in request) {
    say({ fingerprint: check === undefined ? [] : fingerprint(await check()) });
    continue;
  }
  const { calls, warm } = request;
  if (warm) await call();
  const start = performance.now();
  for (let i = 0; i < calls; i++) await call();
  const ms = (performance.now() - start) / calls;
  say({ ms, peakMiB: process.resourceUsage().maxRSS / 1024 });
}
