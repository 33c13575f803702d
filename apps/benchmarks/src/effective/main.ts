/**
 * `npm run bench:samplers`: effective samples per second of NUTS in Ergodic, NumPyro and BlackJAX.
 *
 * A run is a warm-up and as many draws of each chain, from free numbers in (-2, 2): 300 steps each
 * for densities and 1,000 for posteriors. Every sampler has its default settings. The figure is the
 * smallest bulk effective sample size over the free numbers, divided by the seconds of the whole
 * run, warm-up included. The formula is the same for all samplers.
 *
 * A first run compiles the programs. The table shows its figure in a separate column. Samplers take
 * turns.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machine, pinToCores } from "../machine.js";
import { startPeer, type StartedProcess } from "../peer-process.js";
import { findPeer, type Peer } from "../peers.js";
import { describeMachine } from "../report.js";
import { median } from "../statistics.js";
import { formatTable } from "../table.js";
import { judge, type Judgement } from "./judge.js";
import { parseOptions, usage, type Options } from "./options.js";
import type { RunReport } from "./protocol.js";
import { targets } from "./targets.js";

const script = (name: string): string => fileURLToPath(new URL(`../../peers/${name}`, import.meta.url));
const peers: readonly Peer[] = [
  {
    name: "NumPyro",
    option: "numpyro",
    script: script("numpyro_nuts.py"),
    modules: ["numpyro"],
    install: "numpyro",
    without: [],
  },
  {
    name: "NumPyro, dense",
    option: "numpyro",
    script: script("numpyro_dense_nuts.py"),
    modules: ["numpyro"],
    install: "numpyro",
    without: ["gaussian"],
  },
  {
    name: "BlackJAX",
    option: "blackjax",
    script: script("blackjax_nuts.py"),
    modules: ["blackjax"],
    install: "blackjax",
    without: [],
  },
];

interface Run extends RunReport, Judgement {}

const perSecond = ({ smallestEss, seconds }: Run): number => smallestEss / seconds;
const progress = (text: string): void => void process.stderr.write(`${text}\n`);

const { threads, prefix } = pinToCores();
const worker = fileURLToPath(new URL("./worker.js", import.meta.url));

/** The command of each sampler that is found. */
function commandsOf(): ReadonlyMap<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>([["Ergodic", [process.execPath, worker]]]);
  for (const peer of peers) {
    const found = findPeer(peer);
    if ("note" in found) progress(found.note);
    else commands.set(peer.name, found.command);
  }
  return commands;
}

/** The first run of every sampler, which compiles, and then `repeats` more. */
async function compare(
  commands: ReadonlyMap<string, readonly string[]>,
  target: string,
  { chains, repeats, data, folder }: { chains: number; repeats: number; data: unknown; folder: string },
): Promise<Map<string, Run[]>> {
  const running: [string, StartedProcess][] = [];
  const { steps } = targets[target]!;
  const file = join(folder, "data.json");
  writeFileSync(file, JSON.stringify(data));
  for (const [name, command] of commands) {
    if (peers.some((peer) => peer.name === name && peer.without.includes(target))) continue;
    const [program, ...args] = [...prefix, ...command, target, ...[chains, threads, steps].map(String), file];
    running.push([name, await startPeer(program!, args)]);
  }
  const runs = new Map(running.map(([name]) => [name, [] as Run[]]));
  for (let seed = 0; seed <= repeats; seed++) {
    for (const [name, peer] of running) {
      const to = join(folder, "draws");
      const report = await peer.ask<RunReport>({ seed, to });
      runs.get(name)!.push({ ...report, ...judge(to, chains, steps) });
    }
  }
  for (const [, peer] of running) await peer.close();
  return runs;
}

/** The rows of the table for one target and number of chains. */
function rowsOf(target: string, chains: number, all: ReadonlyMap<string, readonly Run[]>): string[][] {
  const figure = (of: (run: Run) => number, runs: readonly Run[]): number => median(runs.map(of));
  const reference = all.get("NumPyro")?.slice(1);
  return [...all].map(([name, [first, ...runs]]) => {
    const speed = figure(perSecond, runs);
    return [
      target,
      String(chains),
      name,
      speed.toFixed(0),
      reference === undefined ? "-" : `${(speed / figure(perSecond, reference)).toFixed(2)}x`,
      figure(({ seconds }) => seconds, runs).toFixed(2),
      figure(({ smallestEss }) => smallestEss, runs).toFixed(0),
      Math.max(...runs.map(({ largestRHat }) => largestRHat)).toFixed(3),
      `${first!.seconds.toFixed(2)} s, ${perSecond(first!).toFixed(0)}`,
      (runs.at(-1)!.peakMiB ?? NaN).toFixed(0),
    ];
  });
}

const header = ["target", "chains", "NUTS of", "ESS/s", "NumPyro = 1", "s", "ESS", "R-hat", "first run", "peak MiB"];

async function bench(options: Options): Promise<void> {
  const given = options.data === undefined ? {} : (JSON.parse(readFileSync(options.data, "utf8")) as object);
  const commands = commandsOf();
  progress(describeMachine(machine(threads)));
  const rows: string[][] = [];
  const folder = mkdtempSync(join(tmpdir(), "ergodic-draws-"));
  try {
    for (const target of options.targets) {
      const { chains: own, data: made } = targets[target]!;
      const data = target in given ? given[target as keyof typeof given] : made();
      for (const chains of options.chains ?? (own === undefined ? [64, 512] : [own])) {
        progress(`  ${target}, ${chains} chains ...`);
        const all = await compare(commands, target, { chains, repeats: options.repeats, data, folder });
        rows.push(...rowsOf(target, chains, all));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(formatTable(header, rows, 3));
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await bench(options);
} catch (error) {
  console.error(`bench:samplers: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
