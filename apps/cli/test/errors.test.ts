import { describe, expect, it } from "vitest";
import { CliError, describeError, usageError } from "../src/errors.js";

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
      path: "/runs/a",
    });
    expect(describeError(full, false)).toBe(
      "error: the disk is full (/runs/a). Free some space or choose another folder with --out.",
    );
  });

  it("knows usage errors by their exit code", () => {
    expect(usageError("bad").code).toBe(2);
    expect(new CliError("bad").code).toBe(1);
  });
});
