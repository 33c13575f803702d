/**
 * Measures learning iterations on one and on two workers of TensorFlow's engine, each pinned to one
 * core: `main.ts [ITERATION...]`. Linux only.
 *
 * Two processes with half the batch each, but without averaging, tell how much of an iteration the
 * averaging takes.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "../statistics.js";
import { formatFigure, formatTable } from "../table.js";
import { iterations, type IterationName, type Measured } from "./protocol.js";

const script = fileURLToPath(new URL("worker.js", import.meta.url));

function measure(core: number, args: readonly (string | number)[]): Promise<Measured> {
  const child = spawn("taskset", ["-c", String(core), process.execPath, script, ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as Measured);
      else reject(new Error(`${args.join(" ")} ended with ${code}`));
    });
  });
}

const slowest = (all: readonly Measured[]): number => Math.max(...all.map(({ milliseconds }) => median(milliseconds)));

async function row(name: IterationName, port: number): Promise<string[]> {
  const { batch, calls } = iterations[name];
  const addresses = [0, 1].map((k) => `127.0.0.1:${port + k}`).join(",");
  const one = await measure(0, [name, batch, calls]);
  const halves = await Promise.all([0, 1].map((core) => measure(core, [name, batch / 2, calls])));
  const two = await Promise.all([0, 1].map((core) => measure(core, [name, batch / 2, calls, addresses, core])));
  const [whole, half, together] = [median(one.milliseconds), slowest(halves), slowest(two)];
  const [first] = two as [Measured, Measured];
  return [
    name,
    `${first.parameters}`,
    ...[whole, half, together].map(formatFigure),
    `${(whole / together).toFixed(2)}x`,
    `${(100 * (1 - half / together)).toFixed(1)} %`,
    formatFigure(median(first.averaging)),
    formatFigure(first.bytes / 2 / 1e6),
  ];
}

const asked = process.argv.slice(2);
const names = (Object.keys(iterations) as IterationName[]).filter((name) => asked.length === 0 || asked.includes(name));
const rows: string[][] = [];
for (const [i, name] of names.entries()) rows.push(await row(name, 24_300 + 2 * i));
const header = [
  ...["iteration", "parameters", "1 worker, ms", "half a batch, ms", "2 workers, ms", "speed-up"],
  ...["share of averaging", "averaging alone, ms", "MB sent a worker"],
];
process.stdout.write(`${formatTable(header, rows)}\n`);
