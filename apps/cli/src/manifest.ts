/** Content of package.json, which is in the parent folder of both `src` and `dist`. */
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

export const { version } = manifest;

/** Names of the packages that this command line depends on. */
export const dependencies: readonly string[] = Object.keys(manifest.dependencies);
