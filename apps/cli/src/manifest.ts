/** The version in package.json, which lies beside `src` and beside `dist` alike. */
import { readFileSync } from "node:fs";

export const version = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
