/**
 * Resolves an experiment and overrides to the configuration of one run.
 *
 * The configuration is plain, typed and complete. It is saved in the run folder, so that the run
 * can be repeated and resumed from there.
 */
import { ConfigError } from "./errors.js";
import { parseTraining, trainingSchema, type Experiment, type TrainingConfig } from "./experiment.js";
import { firstNonJson, firstUnfit, flattenJson, isPlainObject, isSettingName } from "./json.js";
import type { LearnerState } from "./learner.js";
import { knownPaths, parseOrThrow } from "./schema.js";
import { closestName } from "./suggest.js";

/** Everything that determines a run, except its code. */
export interface Config<O = unknown> {
  readonly training: TrainingConfig;
  readonly options: O;
}

/**
 * The configuration of `experiment` with some settings replaced, given by dotted path:
 * `resolveConfig(experiment, { "training.iterations": 100, "options.width": 32 })`.
 *
 * @throws ConfigError with the setting, its value and what was expected. For an unknown name it
 *   suggests the closest known one.
 */
export function resolveConfig<S extends LearnerState, B, O, E>(
  experiment: Experiment<S, B, O, E>,
  overrides: Readonly<Record<string, unknown>> = {},
): Config<O> {
  const phases = Object.keys(experiment.training.phases ?? {}).map((name) => `training.phases.${name}`);
  const known = [...knownPaths(trainingSchema, "training"), ...phases, ...knownPaths(experiment.options, "options")];
  const changed: Record<string, unknown> = { training: { ...experiment.training }, options: {} };
  for (const [path, value] of Object.entries(overrides)) {
    if (!path.split(".").every(isSettingName)) throw unfit(path);
    assertFit(value, path);
    assertRooted(path, known);
    assertPhaseName(path, phases);
    assign(changed, path, value);
  }
  const training = changed["training"] as Record<string, unknown>;
  if (phases.length > 0 && !("training.iterations" in overrides)) delete training["iterations"];
  return restoreConfig(experiment, changed);
}

/**
 * Checks a configuration that was saved as plain JSON, for instance in config.json.
 *
 * @throws ConfigError as `resolveConfig` does.
 */
export function restoreConfig<S extends LearnerState, B, O, E>(
  experiment: Experiment<S, B, O, E>,
  saved: { readonly training?: unknown; readonly options?: unknown },
): Config<O> {
  assertFit(saved.training, "training");
  assertFit(saved.options, "options");
  const training = parseTraining(saved.training);
  const options = parseOrThrow(experiment.options, saved.options ?? {}, "options");
  const strange = firstNonJson(options, "options");
  if (strange !== undefined) {
    throw new ConfigError(
      `${strange} is not a plain JSON value; options are saved with the run, so only numbers, strings, booleans, null, lists and records can be kept.`,
      "Make the option a name or a number and build the object from it inside data or model.",
    );
  }
  return { training, options };
}

/**
 * Parses `name=value`, the form of the command line's --set.
 *
 * The value is parsed as JSON if it is JSON (numbers, true, null, lists, "quoted strings"), and
 * taken as text otherwise.
 *
 * @throws ConfigError when there is no `=` or no name.
 */
export function parseSetting(text: string): { path: string; value: unknown } {
  const split = text.indexOf("=");
  if (split < 1) {
    throw new ConfigError(`"${text}" is not a setting.`, "Write name=value, for instance training.iterations=100.");
  }
  const raw = text.slice(split + 1);
  return { path: text.slice(0, split).trim(), value: parseValue(raw.trim()) };
}

function parseValue(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return raw;
  }
}

/**
 * The part of a configuration that must not change when a checkpoint is resumed exactly. The length
 * of training and the intervals of logging, samples and checkpoints may change.
 */
export function decisiveConfig(config: Config): Record<string, unknown> {
  const { batchSize, seed, averaging, phases } = config.training;
  // The last phase may be made longer.
  const last = Object.keys(phases ?? {}).at(-1);
  const passed = phases && {
    phases: Object.entries(phases).map(([name, length]) => (name === last ? name : { [name]: length })),
  };
  return { training: { batchSize, seed, averaging, ...passed }, options: config.options };
}

/** A setting that differs. Values are JSON; undefined where it is not set. */
export interface ConfigChange {
  readonly path: string;
  readonly was: string | undefined;
  readonly is: string | undefined;
}

/** The settings that differ between two configurations, or parts of them. */
export function configChanges(saved: unknown, current: unknown): ConfigChange[] {
  const before = flattenJson(saved);
  const after = flattenJson(current);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((path) => ({ path, was: JSON.stringify(before.get(path)), is: JSON.stringify(after.get(path)) }))
    .filter(({ was, is }) => was !== is);
}

/** The same as texts, `name: was a, is b`. */
export const configDifferences = (saved: unknown, current: unknown): string[] =>
  configChanges(saved, current).map(({ path, was, is }) => `${path}: was ${was ?? "not set"}, is ${is ?? "not set"}`);

function assertFit(value: unknown, path: string): void {
  const found = firstUnfit(value, path);
  if (found !== undefined) throw unfit(found);
}

function unfit(path: string): ConfigError {
  return path.split(".").every(isSettingName)
    ? new ConfigError(`${path} contains itself.`, "Give plain values: numbers, texts, lists and records.")
    : new ConfigError(`unknown setting ${path}.`, "Names that every object has, such as constructor, are no settings.");
}

function assertRooted(path: string, known: readonly string[]): void {
  const root = path.split(".")[0];
  if ((root === "training" || root === "options") && path.includes(".")) return;
  const ending = known.find((candidate) => candidate.endsWith(`.${path}`));
  const lastName = (candidate: string) => candidate.slice(candidate.indexOf(".") + 1);
  const near = closestName(path, [...known, ...known.map(lastName)]);
  const meant = ending ?? known.find((candidate) => candidate === near || lastName(candidate) === near);
  throw new ConfigError(
    `unknown setting ${path}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    `Settings: ${known.join(", ")}`,
  );
}

function assertPhaseName(path: string, phases: readonly string[]): void {
  if (!path.startsWith("training.phases.") || phases.includes(path)) return;
  const meant = closestName(path, phases);
  throw new ConfigError(
    `unknown setting ${path}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    phases.length === 0 ? "The experiment has no phases." : `Phases: ${phases.join(", ")}`,
  );
}

function assign(target: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let place = target;
  for (const name of names) {
    const inside = Object.hasOwn(place, name) ? place[name] : undefined;
    const next = isPlainObject(inside) ? { ...inside } : {};
    place[name] = next;
    place = next;
  }
  place[last] = value;
}
