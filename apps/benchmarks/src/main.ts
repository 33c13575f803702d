/**
 * `npm run bench`: runs every case on our engines and in other frameworks, and prints one table.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Case } from "./case.js";
import { cases } from "./cases/index.js";
import { whyLeftOut } from "./engines.js";
import { machine, pinToCores, type Pinning } from "./machine.js";
import { measure, type Contestant } from "./measure.js";
import { parseOptions, usage, type Options } from "./options.js";
import { startPeer } from "./peer-process.js";
import { findPeer, peers, type FoundPeer } from "./peers.js";
import { formatProfile, type Profile } from "./profile.js";
import { quietGate } from "./quiet.js";
import { describeMachine, disagreements, formatResults, type CaseResult } from "./report.js";

const profileScript = fileURLToPath(new URL("./profile-worker.js", import.meta.url));
const workerScript = fileURLToPath(new URL("./worker.js", import.meta.url));

/** Progress goes to stderr, so stdout holds only the figures. */
const progress = (text: string): void => void process.stderr.write(`${text}\n`);

const WARM_UP_MS = 2000;

function contestantsOf(
  one: Case,
  others: readonly FoundPeer[],
  { threads, prefix }: Pinning,
  { engines, repeats }: Pick<Options, "engines" | "repeats">,
): Contestant[] {
  const start = (...command: string[]) => {
    const [program, ...args] = [...prefix, ...command];
    return () => startPeer(program!, args);
  };
  const ours = one.engines
    .filter((engine) => engines.includes(engine))
    .map((engine): Contestant => {
      const compiled = engine !== "cpu";
      return {
        name: engine,
        calls: compiled ? one.calls : 1,
        warm: compiled,
        warmUpMs: compiled ? WARM_UP_MS : 0,
        rounds: compiled ? repeats : Math.ceil(repeats / 4),
        start: start(process.execPath, workerScript, one.name, engine),
      };
    });
  const theirs = others.flatMap((found): Contestant[] =>
    "note" in found || found.peer.without.includes(one.name)
      ? []
      : [
          {
            name: found.peer.name,
            calls: one.calls,
            warm: true,
            warmUpMs: WARM_UP_MS,
            rounds: repeats,
            start: start(...found.command, one.name, String(threads)),
          },
        ],
  );
  return [...ours, ...theirs];
}

async function bench(options: Options): Promise<void> {
  const pinning = pinToCores();
  const others = peers.filter(({ option }) => options.peers.includes(option)).map((peer) => findPeer(peer));
  const leftOut = new Map(options.engines.map((engine) => [engine, whyLeftOut(engine, workerScript)]));
  const engines = options.engines.filter((engine) => leftOut.get(engine) === undefined);
  const about = machine(pinning.threads);
  progress(describeMachine(about));
  const results: CaseResult[] = [];
  for (const one of cases.filter(({ name }) => options.cases.includes(name))) {
    progress(`  ${one.name} ...`);
    const outcomes = await measure(
      contestantsOf(one, others, pinning, { ...options, engines }),
      options.repeats,
      quietGate(options.quiet * 1000),
    );
    const result = { case: { name: one.name, title: one.title, unit: one.unit }, outcomes };
    const failed = Object.values(outcomes).some((outcome) => "error" in outcome);
    if (failed || disagreements(result).length > 0) process.exitCode = 1;
    results.push(result);
  }
  const notes = [...leftOut.values(), ...others.map((found) => ("note" in found ? found.note : undefined))].filter(
    (note) => note !== undefined,
  );
  if (options.json) {
    console.log(
      JSON.stringify(
        { date: new Date().toISOString(), machine: about, repeats: options.repeats, results, notes },
        null,
        2,
      ),
    );
    return;
  }
  console.log(["", formatResults(results, { gated: options.quiet > 0 }), ...notes].join("\n"));
}

/** Profiles each case in its own process, as in the table. */
function profile({ profile: names, repeats, json }: Options): void {
  const { prefix } = pinToCores();
  for (const name of names) {
    progress(`  ${name} ...`);
    const [program, ...args] = [...prefix, process.execPath, profileScript, name, String(repeats)];
    const { status, stdout, error } = spawnSync(program!, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (status !== 0) throw new Error(`profiling ${name} failed${error ? `: ${error.message}` : ""}`);
    console.log(json ? stdout : `\n${formatProfile(JSON.parse(stdout) as Profile)}`);
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  if (options.profile.length > 0) return profile(options);
  await bench(options);
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
