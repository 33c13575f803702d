import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { whyLeftOut } from "../src/engines.js";

const folder = mkdtempSync(join(tmpdir(), "ergodic-"));
afterAll(() => rmSync(folder, { recursive: true }));

function script(text: string): string {
  const path = join(folder, "worker.cjs");
  writeFileSync(path, text);
  return path;
}

it("leaves out an engine that does not load, and says why", () => {
  const worker = script(`throw new Error(process.argv.slice(2).join(" on ") + " does not load.")`);
  expect(whyLeftOut("tensorflow", worker)).toBe("tensorflow was left out: small-call on tensorflow does not load.");
  expect(whyLeftOut("tensorflow", script("process.exit(3)"))).toBe(
    "tensorflow was left out: its process ended with exit code 3",
  );
});

it("leaves out no engine that loads", () => {
  expect(whyLeftOut("onnx", script("process.stdin.resume()"))).toBeUndefined();
});
