import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { assembled, binaryFile, sources } from "../assemble.js";

it.each(sources)("the binary form of %s.wat is up to date: npx tsx scripts/assemble.ts", async (source) => {
  expect(readFileSync(binaryFile(source), "utf8")).toBe(await assembled(source));
});
