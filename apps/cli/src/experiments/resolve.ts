/** From what the user typed to an experiment: the name of a preset, or the path of a file. */
import { existsSync, statSync } from "node:fs";
import { basename, extname, isAbsolute, resolve } from "node:path";
import { closestName, isExperiment, type Experiment } from "@ergodic/training";
import { CliError } from "../errors.js";
import { presets } from "../presets/index.js";
import { importExperimentFile } from "./import-file.js";

const extensions = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];

/** An experiment, and how to find it again. */
export interface ResolvedExperiment {
  readonly experiment: Experiment;
  /** Name of the preset or absolute path of the file; a run keeps it. */
  readonly origin: string;
  /** A name that can be part of a folder's name. */
  readonly name: string;
}

/** Finds the experiment called `text`. @throws CliError with the nearest preset's name when there is none. */
export async function resolveExperiment(text: string, from = process.cwd()): Promise<ResolvedExperiment> {
  if (presets.some(({ name }) => name === text)) return loadPreset(text);
  const path = resolve(from, text);
  if (existsSync(path) && !statSync(path).isDirectory()) return loadFile(path);
  if (looksLikeFile(text)) throw new CliError(`there is no file ${path}.`);
  const near = closestName(
    text,
    presets.map(({ name }) => name),
  );
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw new CliError(`no preset or file named "${text}".${hint}  (all: ergodic presets)`);
}

/** Finds the experiment that a run was made with. */
export async function resolveOrigin(origin: string | null, folder: string): Promise<ResolvedExperiment> {
  if (origin === null) {
    throw new CliError(`the run ${folder} was not made by this command line; resume it with the program that made it.`);
  }
  if (presets.some(({ name }) => name === origin)) return loadPreset(origin);
  if (existsSync(origin)) return loadFile(origin);
  throw new CliError(
    isAbsolute(origin)
      ? `the run ${folder} was made with the experiment file ${origin}, which is not there. Put it back to go on with the run.`
      : `the run ${folder} was made with the preset "${origin}", which this version does not have.  (all: ergodic presets)`,
  );
}

async function loadPreset(name: string): Promise<ResolvedExperiment> {
  const preset = presets.find((candidate) => candidate.name === name);
  const module = await preset?.load();
  return { experiment: checked(module?.default, name), origin: name, name: folderName(name) };
}

async function loadFile(path: string): Promise<ResolvedExperiment> {
  const { default: value } = await importExperimentFile(path);
  const experiment = checked(value, path);
  return { experiment, origin: path, name: folderName(experiment.name ?? basename(path, extname(path))) };
}

function checked(value: unknown, where: string): Experiment {
  if (isExperiment(value)) return value;
  throw new CliError(
    `${where} has no experiment as its default export. Write: export default defineExperiment({ data, model, training })`,
  );
}

function looksLikeFile(text: string): boolean {
  return isAbsolute(text) || /^\.{1,2}[\\/]/.test(text) || extensions.includes(extname(text).toLowerCase());
}

function folderName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
  return plain === "" ? "run" : plain;
}
