/** The files of the tutorial in CONTRIBUTING.md: its blocks that name a file. */
import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../CONTRIBUTING.md", import.meta.url), "utf8");

export const tutorialFiles = [...page.matchAll(/^```ts ([\w.-]+)\n([\s\S]*?)^```/gm)].map(([, name, code]) => ({
  name: name!,
  code: code!,
}));
