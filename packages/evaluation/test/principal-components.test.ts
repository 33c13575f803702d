import { ValidationError } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { gaussianStatistics, principalComponents, project } from "../src/index.js";
import { product, rotation, waves } from "./fixtures.js";

const components = 5;
const dimensions = 12;

describe("principalComponents", () => {
  const scales = Float64Array.from({ length: dimensions }, (_, j) => 3 * 0.6 ** j);
  const scaled = waves(400, dimensions, 0).map((value, at) => value * scales[at % dimensions]! + 2);
  const rows = product(scaled, rotation(dimensions), dimensions);
  const space = principalComponents(rows, { dimensions, components });

  it("gives orthonormal directions", () => {
    for (let a = 0; a < components; a++)
      for (let b = 0; b < components; b++) {
        let inner = 0;
        for (let j = 0; j < dimensions; j++)
          inner += space.directions[a * dimensions + j]! * space.directions[b * dimensions + j]!;
        expect(inner).toBeCloseTo(a === b ? 1 : 0, 12);
      }
  });

  it("projects the fitted data to uncorrelated, centred coordinates of the stated variances", () => {
    const { mean, covariance } = gaussianStatistics(project(space, rows), components);
    for (let a = 0; a < components; a++) {
      expect(mean[a]).toBeCloseTo(0, 12);
      for (let b = 0; b < components; b++)
        expect(covariance[a * components + b]).toBeCloseTo(a === b ? space.variances[a]! : 0, 11);
    }
  });

  it("captures all variance with all components, and more with each one", () => {
    const all = principalComponents(rows, { dimensions, components: dimensions });
    expect(all.variances.reduce((a, b) => a + b, 0)).toBeCloseTo(all.totalVariance, 10);
    for (let a = 1; a < dimensions; a++) expect(all.variances[a]).toBeLessThanOrEqual(all.variances[a - 1]!);
  });

  // import numpy as np; i = np.arange(300.0); x = np.sin(i*i*0.37 + i*0.11).reshape(50, 6)
  // print(np.linalg.eigvalsh(np.cov(x, rowvar=False))[::-1][:3])
  it("has numpy's variances", () => {
    const { variances } = principalComponents(waves(50, 6, 0), { dimensions: 6, components: 3 });
    [0.65952855, 0.57899357, 0.53626004].forEach((value, i) => expect(variances[i]).toBeCloseTo(value, 7));
  });

  it("recovers data that lies in the space", () => {
    const flat = product(waves(30, 2, 0), waves(2, dimensions, 1), 2);
    const plane = principalComponents(flat, { dimensions, components: 2 });
    const back = product(project(plane, flat), plane.directions, 2);
    flat.forEach((value, at) => expect(back[at]! + plane.mean[at % dimensions]!).toBeCloseTo(value, 11));
  });

  it("refuses too many components, identical rows and broken rows", () => {
    expect(() => principalComponents(rows, { dimensions, components: 13 })).toThrow(/from 1 to 12/);
    expect(() => principalComponents(new Float64Array(24), { dimensions, components })).toThrow(/identical/);
    expect(() => project(space, new Float64Array(13))).toThrow(ValidationError);
  });
});
