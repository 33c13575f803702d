/** What package.json says, which lies beside `src` and beside `dist` alike. */
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

export const { version } = manifest;

/** Names of the packages this command line is made of. */
export const dependencies: readonly string[] = Object.keys(manifest.dependencies);
