/** The work of `ergodic export`. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exportOnnx, tidy } from "@ergodic/engine";
import type { ExportFlags } from "./flags.js";
import { CliError } from "../errors.js";
import { jsonResult, result } from "../terminal/output.js";
import { shownPath, writeWhole } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";

/** Writes a function of the model as an ONNX file. @throws CliError when the model has none of this name. */
export async function runExport(folder: string, flags: ExportFlags): Promise<void> {
  const { run } = await openRun(folder, flags);
  try {
    const file = tidy(() => exported(run, flags));
    const path = flags.out ?? join(folder, "exports", `${flags.what}.onnx`);
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, file);
    const { iteration } = run;
    if (flags.json) jsonResult({ run: folder, iteration, what: flags.what, n: flags.n, bytes: file.length, path });
    else result(`${flags.what} of iteration ${iteration}: ${shownPath(path)}`);
  } finally {
    run.dispose();
  }
}

function exported({ learner, state }: OpenRun["run"], { what, n }: ExportFlags): Uint8Array {
  const functions = learner.exports?.(state, n);
  if (functions === undefined) {
    throw new CliError("the model of this run has nothing to export; its learner has no exports().");
  }
  const found = Object.entries(functions).find(([name]) => name === what);
  if (found === undefined) {
    throw new CliError(`the model of this run has no "${what}"; it exports ${Object.keys(functions).join(", ")}.`);
  }
  const [, { fn, example, names }] = found;
  return exportOnnx(fn as (...args: unknown[]) => unknown, [...example], { names });
}
