import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packages = new URL("../packages/", import.meta.url);

/** Tests read every package from its sources, so they need no build and report source lines. */
export const sourceAliases = Object.fromEntries(
  readdirSync(packages).map((name) => [`@ergodic/${name}`, fileURLToPath(new URL(`${name}/src/index.ts`, packages))]),
);
