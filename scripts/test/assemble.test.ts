import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { assembled, binaryFile } from "../assemble.js";

it("the binary form of streams.wat is up to date: npx tsx scripts/assemble.ts", async () => {
  expect(readFileSync(binaryFile, "utf8")).toBe(await assembled());
});
