import { describe, expect, it } from "vitest";
import { manifoldScores } from "../src/index.js";
import { uniforms } from "./fixtures.js";

const real = uniforms(11, 64 * 8);
const fake = uniforms(12, 64 * 8).map((u) => 0.2 + 1.5 * u);

describe("manifoldScores", () => {
  // Other programs computed the values in float64 from the definitions.
  it("matches golden values in both conventions", () => {
    expect(manifoldScores(real, fake, 8, [{ neighbours: 3, closed: true }])[0]).toMatchObject({
      precision: 0.109375,
      recall: 0.859375,
      density: 0.0625,
      coverage: 0.125,
    });
    expect(manifoldScores(real, fake, 8)[1]).toEqual({
      neighbours: 5,
      closed: false,
      precision: 0.140625,
      recall: 0.96875,
      density: 0.06875,
      coverage: 0.265625,
    });
  });

  it("of a set against itself is perfect, ties included", () => {
    const doubled = Float64Array.of(...real.subarray(0, 80), ...real.subarray(0, 80));
    const [closed] = manifoldScores(doubled, doubled, 8);
    expect(closed).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
  });

  it("of a tight cluster inside a wide one has high precision and low recall, and the other way round", () => {
    const wide = uniforms(1, 200 * 2);
    const tight = uniforms(2, 200 * 2).map((u) => 0.5 + 0.05 * u);
    const [inside] = manifoldScores(wide, tight, 2);
    expect(inside!.precision).toBeGreaterThan(0.8);
    expect(inside!.recall).toBeLessThan(0.3);
    const [outside] = manifoldScores(tight, wide, 2);
    expect(outside!.precision).toBe(inside!.recall);
    expect(outside!.recall).toBe(inside!.precision);
  });

  it("does not lose small distances far from the origin", () => {
    const far = (values: Float64Array) => values.map((value) => value + 1e6);
    expect(manifoldScores(far(real), far(fake), 8)).toEqual(manifoldScores(real, fake, 8));
  });

  it("refuses fewer points than a ball has neighbours", () => {
    expect(() => manifoldScores(real, fake.subarray(0, 40), 8)).toThrow(
      /generated features are 5 points, expected more than the 5 neighbours/,
    );
  });
});
