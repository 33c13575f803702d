/**
 * Runs every TypeScript block of every README. Each block is a whole program, whose long loops are
 * shortened.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const generated = join(root, "scripts", "test", "generated", "readme");

const pages = ["README.md", ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`)];
const blocks = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match, i) => ({
    name: `${page}, block ${i + 1}`,
    code: match[1]!,
  }));
});

const mostTurns = 20;

/** The program with at most so many turns of each loop. */
const shortened = (code: string): string =>
  code.replaceAll(/(\bi < |\b(?:iterations|steps): )([\d_]+)/g, (_, loop: string, turns: string) => {
    const count = Number(turns.replaceAll("_", ""));
    return loop + String(Math.min(count, mostTurns));
  });

afterAll(() => rmSync(generated, { recursive: true, force: true }));

describe("README examples", () => {
  it("are there", () => {
    expect(blocks.length).toBeGreaterThanOrEqual(pages.length);
  });

  it.each(blocks)("$name runs", async ({ name, code }) => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    vi.spyOn(console, "table").mockImplementation(() => {});
    const file = join(generated, `${name.replaceAll(/\W+/g, "-")}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, shortened(code));
    await import(file);
    log.mockRestore();
  });
});
