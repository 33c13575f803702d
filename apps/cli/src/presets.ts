/**
 * The presets: experiment files like those of users.
 *
 * A preset is named by its path: `presets/toy/four-gaussians.ts` is `toy/four-gaussians`. It is
 * read only when it is used. The folder is next to this file in both `src` and `dist`.
 */
import { readdirSync } from "node:fs";
import { extname } from "node:path";

const folder = new URL("./presets/", import.meta.url);
const extension = extname(import.meta.url);

/** Names of all presets, sorted. */
export const presetNames: readonly string[] = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => extname(path) === extension)
  .map((path) => path.slice(0, -extension.length).replaceAll("\\", "/"))
  .sort();

/**
 * The module whose default export is the experiment.
 *
 * @param name one of `presetNames`
 */
export async function loadPresetModule(name: string): Promise<{ readonly default: unknown }> {
  return (await import(new URL(name + extension, folder).href)) as { readonly default: unknown };
}
