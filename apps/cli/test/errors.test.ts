import { describe, expect, it } from "vitest";
import { describeError } from "../src/describe-error.js";
import { CliError, usageError } from "../src/errors.js";

describe("describeError", () => {
  it("is the message and nothing else", () => {
    expect(describeError(new CliError("no such thing."), false)).toBe("error: no such thing.");
    expect(describeError(new TypeError("x is not a function"), false)).toBe("error: x is not a function");
    expect(describeError("odd", false)).toBe("error: odd");
  });

  it("adds the stack and the causes when asked", () => {
    const error = new Error("outer", { cause: new RangeError("inner") });
    const text = describeError(error, true);
    expect(text).toContain("at ");
    expect(text).toContain("caused by RangeError: inner");
  });

  it("explains errors of the file system", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
      path: "/runs/a",
    });
    expect(describeError(full, false)).toBe(
      "error: can't use /runs/a: the disk is full (ENOSPC). Free some space or choose a path on another disk.",
    );
  });

  it("explains what the machine that runs JavaScript can't hold", () => {
    const told = (work: () => unknown): string => {
      try {
        work();
      } catch (error) {
        return describeError(error, false);
      }
      throw new Error("nothing was thrown");
    };
    const self = (): unknown => [self()];
    expect(told(() => new Float32Array(2 ** 52))).toMatch(
      /^error: a count or size asks for more numbers than this machine/,
    );
    expect(told(() => new Array(-1))).toMatch(/^error: a count or size/);
    expect(told(() => new ArrayBuffer(2 ** 52))).toMatch(/^error: a count or size/);
    expect(told(self)).toMatch(/^error: a value contains itself or is nested too deeply/);
  });

  it("knows usage errors by their exit code", () => {
    expect(usageError("bad").code).toBe(2);
    expect(new CliError("bad").code).toBe(1);
  });
});
