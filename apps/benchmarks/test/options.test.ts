import { describe, expect, it } from "vitest";
import { cases } from "../src/cases/index.js";
import { parseOptions as parseSamplerOptions } from "../src/effective/options.js";
import { parseOptions } from "../src/options.js";

describe("the command line", () => {
  it("measures everything by default", () => {
    expect(parseOptions([])).toEqual({
      cases: cases.map(({ name }) => name),
      engines: ["onnx", "tensorflow", "cpu"],
      peers: ["pytorch", "jax", "tensorflow"],
      repeats: 9,
      quiet: 0,
      json: false,
      profile: [],
      help: false,
    });
  });

  it("takes some cases", () => {
    expect(parseOptions(["--cases", "small-call, latent-chain", "--repeats", "3", "--json"])).toMatchObject({
      cases: ["small-call", "latent-chain"],
      repeats: 3,
      json: true,
    });
  });

  it("takes some peers or none", () => {
    expect(parseOptions(["--peers", "jax"]).peers).toEqual(["jax"]);
    expect(parseOptions(["--peers", "none"]).peers).toEqual([]);
  });

  it("takes cases to profile", () => {
    expect(parseOptions(["--profile", "residual-gradient,small-call"]).profile).toEqual([
      "residual-gradient",
      "small-call",
    ]);
  });

  it("says what is wrong", () => {
    expect(() => parseOptions(["--cases", "smallcall"])).toThrow(
      /unknown case "smallcall"; expected some of latent-chain/,
    );
    expect(() => parseOptions(["--profile", "conv"])).toThrow(/unknown case "conv"; expected some of latent-chain/);
    expect(() => parseOptions(["--engines", "gpu"])).toThrow(
      /unknown engine "gpu"; expected some of onnx, tensorflow, cpu/,
    );
    expect(() => parseOptions(["--peers", "numpy"])).toThrow(
      /unknown peer "numpy"; expected some of pytorch, jax, tensorflow/,
    );
    expect(() => parseOptions(["--repeats", "0"])).toThrow(/--repeats is "0"; expected a whole number/);
    expect(() => parseOptions(["--quiet", "soon"])).toThrow(/--quiet is "soon"; expected a number of seconds/);
    expect(() => parseOptions(["--fast"])).toThrow(/--fast/);
  });
});

describe("the command line of bench:samplers", () => {
  it("takes targets, chains and repeats", () => {
    expect(parseSamplerOptions(["--targets", "gaussian, garch", "--chains", "4,8", "--repeats", "1"])).toEqual({
      targets: ["gaussian", "garch"],
      chains: [4, 8],
      repeats: 1,
      data: undefined,
      help: false,
    });
    expect(parseSamplerOptions([])).toMatchObject({ chains: undefined, repeats: 3 });
  });

  it("says what is wrong", () => {
    expect(() => parseSamplerOptions(["--targets", "schools"])).toThrow(
      /unknown target "schools"; expected some of gaussian, eight-schools,/,
    );
    expect(() => parseSamplerOptions(["--chains", "4,none"])).toThrow('--chains is "none"');
    expect(() => parseSamplerOptions(["--repeats", "0"])).toThrow('--repeats is "0"');
  });
});
