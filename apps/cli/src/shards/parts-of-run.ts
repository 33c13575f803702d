/** Parts of a computation with a run. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ensureEngine } from "@ergodic/engine";
import { version } from "../manifest.js";
import type { OpenRun } from "../runs/open-run.js";
import { openParts, type Parts, type PartsFlags } from "./parts.js";

/**
 * @param settings what decides the results beside the run and its checkpoint
 * @throws CliError as {@link openParts}
 */
export async function partsOfRun(
  { run }: OpenRun,
  flags: PartsFlags,
  settings: Readonly<Record<string, unknown>>,
): Promise<Parts> {
  const config = createHash("sha256").update(JSON.stringify(run.config)).digest("hex");
  return openParts({
    ...flags,
    folder: join(run.paths.folder, "parts"),
    settings: { config, iteration: run.iteration, ...settings },
    origin: await partsOrigin(),
  });
}

/** The program and the engine that compute parts. */
export const partsOrigin = async () => ({ version, engine: (await ensureEngine()).description });
