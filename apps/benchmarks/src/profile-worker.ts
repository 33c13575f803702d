/**
 * Profiles one case with ONNX Runtime in a process bound to cores: `profile-worker.ts CASE
 * REPEATS`.
 */
import { useEngine } from "@ergodic/engine";
import { caseNamed } from "./cases/index.js";
import { summariseProfile } from "./profile.js";
import { profileSessions } from "./session-profiler.js";

/** Enough calls for caches, memory arenas and thread pools to settle. */
const FEWEST_WARM_UPS = 3;
/** Milliseconds in which V8 compiles what runs often. */
const WARM_UP_MS = 1000;

const [name, repeats] = process.argv.slice(2);
const one = caseNamed(name!);
const calls = Number(repeats) * one.calls;

await useEngine("onnx");
const profiler = profileSessions();
const { call } = await one.prepare();
const warm = performance.now() + WARM_UP_MS;
for (let i = 0; i < FEWEST_WARM_UPS || performance.now() < warm; i++) await call();
profiler.restart();
const start = performance.now();
for (let i = 0; i < calls; i++) await call();
const totalMs = performance.now() - start;
const { runningMs } = profiler;
console.log(JSON.stringify(summariseProfile({ case: one.name, calls, totalMs, runningMs }, profiler.finish())));
