/** What `ergodic doctor` reports: the machine and its engines. */
import { availableParallelism, cpus, totalmem } from "node:os";
import { discoverEngines } from "@ergodic/engine";
import { columns } from "./terminal/format.js";
import { version } from "./version.js";

type Engine = Awaited<ReturnType<typeof discoverEngines>>[number];

export interface Examination {
  readonly ergodic: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly engines: readonly Engine[];
}

/** Looks at this machine. Engines are tried out by loading them. */
export async function examine(): Promise<Examination> {
  return {
    ergodic: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    engines: await discoverEngines(),
  };
}

/** The same as text. */
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
  return `${machine}\n\nengines\n${lines.join("\n")}\n\n${reason(engines)}`;
}

function describeEngine(engine: Engine, width: number): string[] {
  const mark = engine.available ? "ok" : "--";
  const head = `  ${mark}  ${engine.name.padEnd(width)}${engine.description}${engine.isDefault ? "  (default)" : ""}`;
  const indent = " ".repeat(6 + width);
  return [
    head,
    ...(engine.available || engine.reason === undefined ? [] : [`${indent}${engine.reason}`]),
    ...(engine.available || engine.install === undefined ? [] : [`${indent}get it: ${engine.install}`]),
  ];
}

function reason(engines: readonly Engine[]): string {
  const chosen = engines.find(({ isDefault }) => isDefault);
  if (chosen === undefined) return "No engine can be loaded; install one of the above.";
  return `"${chosen.name}" is the default: the first choice of --engine auto that loads here. Choose another with --engine <name>.`;
}
