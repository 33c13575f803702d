import { open, readFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { messageOf, systemProblem } from "../src/index.js";

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("errors of the operating system", () => {
  it("that Node throws become a clause and a remedy", async () => {
    const here = import.meta.dirname;
    expect(systemProblem(await failure(readFile(here)))).toMatchObject({
      code: "EISDIR",
      problem: "it is a folder, not a file",
    });
    expect(messageOf(await failure(readFile(join(here, "none"))))).toBe("ENOENT: there is no such file or folder");
    expect(messageOf(await failure(open(here, "w")))).toBe("EISDIR: a folder of that name is in the way");
    expect(messageOf(await failure(readFile(join(import.meta.filename, "x"))))).toMatch(/ENOTDIR: a part of the path/);
  });

  it("of any code are a sentence, known or not", () => {
    for (const code of [...Object.keys(constants.errno), "EWHATEVER"]) {
      const error = Object.assign(new Error(`${code}: raw text, write`), { code, syscall: "write" });
      const { problem, remedy } = systemProblem(error)!;
      expect(problem).not.toContain("raw text");
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("are told from every other error", () => {
    expect(systemProblem(new Error("x"))).toBeUndefined();
    expect(systemProblem(Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" }))).toBeUndefined();
    expect(systemProblem("ENOENT")).toBeUndefined();
    expect(messageOf(new TypeError("x"))).toBe("x");
    expect(messageOf(3)).toBe("3");
  });
});
