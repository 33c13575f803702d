/** Finds an experiment by the name of a preset or the path of a file. */
import { existsSync, statSync } from "node:fs";
import { basename, extname, isAbsolute, resolve } from "node:path";
import { closestName, isExperiment, type Experiment } from "@ergodic/training";
import { type ExperimentSource } from "@ergodic/training/node";
import { CliError } from "../errors.js";
import { loadPresetModule, presetNames } from "../presets.js";
import { importExperimentFile } from "./import-file.js";
import { readSourceFiles, resolvePackages } from "./source-files.js";

const extensions = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];

/** An experiment, with its origin. */
export interface ResolvedExperiment {
  readonly experiment: Experiment;
  /** Name of the preset or absolute path of the file. It is stored in the run. */
  readonly origin: string;
  /** The file at `origin` and the files it imports, if the experiment was loaded from there. */
  readonly source?: ExperimentSource;
  /** A name that is valid as part of a folder name. */
  readonly name: string;
}

/**
 * Finds the experiment called `text`.
 *
 * @throws CliError with the nearest preset name when there is none.
 */
export async function resolveExperiment(text: string): Promise<ResolvedExperiment> {
  if (isPreset(text)) return loadPreset(text);
  const path = resolve(text);
  if (existsSync(path) && !statSync(path).isDirectory()) return loadNamed(path);
  if (looksLikeFile(text)) throw new CliError(`there is no file ${path}.`);
  const near = closestName(text, presetNames);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw new CliError(`no preset or file named "${text}".${hint}  (all: ergodic presets)`);
}

export function isPreset(name: string): boolean {
  return presetNames.includes(name);
}

/**
 * Loads a preset.
 *
 * @param name one of `presetNames`
 */
export async function loadPreset(name: string): Promise<ResolvedExperiment> {
  const module = await loadPresetModule(name);
  return { experiment: checked(module.default, name), origin: name, name: folderName(name) };
}

/**
 * Loads the experiment in a file that the user names. `inspect` gets its source before any of it
 * runs, and may throw.
 *
 * @throws CliError when it cannot be read or run, or contains no experiment
 */
export async function loadNamed(
  text: string,
  inspect: (path: string, source: ExperimentSource) => Promise<void> = async () => undefined,
): Promise<ResolvedExperiment> {
  const path = resolve(text);
  const { source } = readSourceFiles(path);
  await inspect(path, source);
  return { ...loaded(path, await importExperimentFile(path)), source };
}

/**
 * Loads a copy of an experiment file.
 *
 * Packages resolve from `place`, the original location of the file. The run still names `origin`.
 */
export async function loadCopy(copy: string, place: string, origin: string): Promise<ResolvedExperiment> {
  const { packages } = readSourceFiles(copy);
  return loaded(origin, await importExperimentFile(copy, resolvePackages(packages, place)));
}

function loaded(path: string, module: { readonly default: unknown }): ResolvedExperiment {
  const experiment = checked(module.default, path);
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
