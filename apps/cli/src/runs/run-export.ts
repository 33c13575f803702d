/** Implements `ergodic export`. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exportOnnx, exportSavedModel, tidy } from "@ergodic/engine";
import type { ModelFunction } from "@ergodic/training";
import type { ExportFlags } from "./flags.js";
import { CliError } from "../errors.js";
import { jsonResult, result } from "../terminal/output.js";
import { quoted, shownPath, writeInRun, writeResult } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";

/**
 * For each format: how files are made, their extension, and the path of the bytes inside a folder
 * of that name.
 */
const formats = {
  onnx: { write: exportOnnx, ending: ".onnx", inside: undefined },
  "saved-model": { write: exportSavedModel, ending: "", inside: "saved_model.pb" },
} as const;

/**
 * Writes a function of the model as a file, or lists the functions that it has.
 *
 * @throws CliError when the model has none with this name.
 */
export async function runExport(folder: string, flags: ExportFlags): Promise<void> {
  const { run } = await openRun(folder, flags);
  const { what, n, format, json } = flags;
  const { iteration } = run;
  try {
    if (what === undefined) {
      const parts = tidy(() => Object.keys(partsOf(run, n)));
      if (json) jsonResult({ run: folder, iteration, parts });
      else result(parts.map((part) => `ergodic export ${quoted(folder)} --what ${part}`).join("\n"));
      return;
    }
    const file = tidy(() => exported(partsOf(run, n), what, format));
    const path = await written(folder, { ...flags, what }, file);
    if (json) jsonResult({ run: folder, iteration, what, format, n, bytes: file.length, path });
    else result(`${what} of iteration ${iteration}: ${shownPath(path)}`);
  } finally {
    run.dispose();
  }
}

/**
 * Writes the file to its destination.
 *
 * @returns its path, or that of the folder that a format makes around it.
 */
async function written(
  run: string,
  { what, format, out }: ExportFlags & { readonly what: string },
  file: Uint8Array,
): Promise<string> {
  const { ending, inside } = formats[format];
  if (out === undefined) {
    const names = ["exports", `${what}${ending}`];
    await writeInRun(run, inside === undefined ? names : [...names, inside], file);
    return join(run, ...names);
  }
  const place = inside === undefined ? out : join(out, inside);
  await mkdir(dirname(place), { recursive: true });
  await writeResult(place, file);
  return out;
}

/** The functions of the model for batches of `n`, by name. */
function partsOf({ learner, state }: OpenRun["run"], n: number): Readonly<Record<string, ModelFunction>> {
  const functions = learner.exports?.(state, n);
  if (functions === undefined) {
    throw new CliError("the model of this run has nothing to export; its learner has no exports().");
  }
  return functions;
}

function exported(
  functions: Readonly<Record<string, ModelFunction>>,
  what: string,
  format: ExportFlags["format"],
): Uint8Array {
  const found = Object.entries(functions).find(([name]) => name === what);
  if (found === undefined) {
    throw new CliError(`the model of this run has no "${what}"; it exports ${Object.keys(functions).join(", ")}.`);
  }
  const [, { fn, example, names }] = found;
  return formats[format].write(fn as (...args: unknown[]) => unknown, [...example], { names });
}
