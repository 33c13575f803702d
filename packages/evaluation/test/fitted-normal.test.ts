/** Normal laws fitted to points. */
import { random } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { fittedNormal, standardLaw } from "../src/fitted-normal.js";

/** Two-sided 1e-6 quantile of the standard normal distribution. */
const sixSigma = 4.8916;

describe("fitted normal laws", () => {
  it("have the density of their draws: it integrates to 1, and has their moments", () => {
    // Weighing draws of a wider law by the density ratio gives a mean of 1.
    const [d, n] = [3, 20_000];
    const wide = standardLaw(d);
    const points = Float32Array.from(wide.draw(random.key(0), n), (value, at) => 0.5 * value + (at % d) * 0.1);
    const law = fittedNormal(points, d);
    const drawn = wide.draw(random.key(1), n);
    const [own, other] = [law.logDensity(drawn), wide.logDensity(drawn)];
    const ratios = own.map((value, i) => Math.exp(value - other[i]!));
    const mean = ratios.reduce((sum, value) => sum + value, 0) / n;
    const variance = ratios.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    expect(Math.abs(mean - 1)).toBeLessThan(sixSigma * Math.sqrt(variance / n));
    const again = law.draw(random.key(2), n);
    for (let k = 0; k < d; k++) {
      const column = Array.from({ length: n }, (_, i) => again[i * d + k]!);
      const center = column.reduce((sum, value) => sum + value, 0) / n;
      const spread = column.reduce((sum, value) => sum + (value - center) ** 2, 0) / n;
      // Fit and draws have an error each.
      expect(Math.abs(center - k * 0.1)).toBeLessThan(sixSigma * 0.5 * Math.sqrt(2 / n));
      expect(Math.abs(spread - 0.25)).toBeLessThan(sixSigma * 0.25 * Math.sqrt(4 / n));
    }
  });
});
