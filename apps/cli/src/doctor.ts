/** Collects the report of `ergodic doctor`: the machine and its engines. */
import { availableParallelism, cpus, totalmem } from "node:os";
import { discoverEngines, useEngine } from "@ergodic/engine";
import { microBenchmark, WORK } from "./micro-benchmark.js";
import { columns } from "./terminal/format.js";
import { version } from "./manifest.js";

type Status = Awaited<ReturnType<typeof discoverEngines>>[number];

interface Engine extends Status {
  /**
   * Median milliseconds of the micro-benchmark. Absent when the engine does not load, or when the
   * work failed for the reason `failure`.
   */
  readonly milliseconds?: number;
  readonly failure?: string;
}

export interface Examination {
  readonly ergodic: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly engines: readonly Engine[];
}

async function measured(status: Status): Promise<Engine> {
  if (!status.available) return status;
  try {
    await useEngine(status.name);
    return { ...status, milliseconds: Math.round((await microBenchmark()) * 100) / 100 };
  } catch (error) {
    return { ...status, failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Examines this machine. Each engine is loaded and runs work of at most about two seconds. */
export async function examine(): Promise<Examination> {
  const engines: Engine[] = [];
  for (const status of await discoverEngines()) engines.push(await measured(status));
  return {
    ergodic: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    engines,
  };
}

/** Formats the examination as text. */
export function describeExamination(examination: Examination): string {
  const { engines } = examination;
  const machine = columns([
    ["ergodic", examination.ergodic],
    ["node", examination.node],
    ["platform", examination.platform],
    ["processor", `${examination.processor}, ${examination.cores} cores`],
    ["memory", `${examination.memoryGiB} GiB`],
  ]);
  const width = Math.max(...engines.map(({ name }) => name.length)) + 2;
  const lines = engines.flatMap((engine) => describeEngine(engine, width));
  return `${machine}\n\nengines, with the time of ${WORK}\n${lines.join("\n")}\n\n${reason(engines)}`;
}

function describeEngine(engine: Engine, width: number): string[] {
  const mark = engine.available ? "ok" : "--";
  const head = `  ${mark}  ${engine.name.padEnd(width)}${engine.description}${engine.isDefault ? "  (default)" : ""}`;
  const indent = " ".repeat(6 + width);
  return [
    head,
    ...(engine.milliseconds === undefined ? [] : [`${indent}${engine.milliseconds} ms`]),
    ...(engine.failure === undefined ? [] : [`${indent}does not compute: ${engine.failure}`]),
    ...(engine.available || engine.reason === undefined ? [] : [`${indent}${engine.reason}`]),
    ...(engine.available || engine.install === undefined ? [] : [`${indent}get it: ${engine.install}`]),
  ];
}

function reason(engines: readonly Engine[]): string {
  const chosen = engines.find(({ isDefault }) => isDefault);
  if (chosen === undefined) return "No engine can be loaded; install one of the above.";
  return `"${chosen.name}" is the default: the first choice of --engine auto that loads here. Choose another with --engine <name>.`;
}
