/** Implements `ergodic init`. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname, isAbsolute } from "node:path";
import { usageError } from "../errors.js";
import { quoted } from "../runs/folders.js";
import { jsonResult, result } from "../terminal/output.js";
import { template } from "./template.js";

/**
 * Writes the template.
 *
 * @throws CliError when the file exists, or does not end in .ts
 */
export async function initExperiment(file: string, json: boolean): Promise<void> {
  if (![".ts", ".mts"].includes(extname(file).toLowerCase()))
    throw usageError(`${file} is no TypeScript file; name it, for instance, my-ebm.ts.`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, template, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") throw usageError(`${file} exists already. Choose a new name.`);
    throw error;
  });
  if (json) return jsonResult({ path: file });
  const command = `ergodic train ${quoted(isAbsolute(file) || file.startsWith(".") ? file : `./${file}`)}`;
  result(
    [
      `written: ${file}`,
      `train it:   ${command}`,
      `try a part: ${command} --set training.iterations=200 --no-evaluate`,
      "its imports need: npm install ergodic zod @ergodic/data @ergodic/energies @ergodic/nn @ergodic/objectives @ergodic/samplers @ergodic/training @tensorflow/tfjs-core",
    ].join("\n"),
  );
}
