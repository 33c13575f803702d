import { describe, expect, it } from "vitest";
import { assertScorable, imageMetrics, type ScorePlan } from "../../src/entries/images.js";

const protocol = { network: "mean colours", weights: "abc", features: "3", resize: "none" };
const statistics = { dimensions: 3, mean: new Float64Array(3), covariance: new Float64Array(9) };
const images = (count?: number) => ({ description: "pictures", ...(count === undefined ? {} : { count }) });
const plan: ScorePlan = {
  metrics: imageMetrics,
  extractor: { dimensions: 3, protocol },
  generated: images(1000),
  reference: images(1000),
};

describe("assertScorable", () => {
  it("lets through what can be scored, and counts that are not known", () => {
    assertScorable(plan);
    assertScorable({ ...plan, generated: images(), reference: images() });
    assertScorable({ ...plan, metrics: ["is"], reference: undefined });
    assertScorable({ ...plan, metrics: ["fid", "fid-infinity"], reference: { statistics } });
  });

  it.each([
    ["fid", 1, /fid of pictures: 1 images, expected at least 2/],
    ["fid-infinity", 3, /3 images, expected at least 4/],
    ["is", 9, /is of pictures: 9 images, expected at least 10/],
    ["kid", 999, /kid of pictures: 999 images, expected at least 1000; take more, or smaller subsets/],
    ["prdc", 5, /5 images, expected at least 6/],
  ] as const)("refuses too few examples for %s", (metric, count, message) => {
    expect(() => assertScorable({ ...plan, metrics: [metric], generated: images(count) })).toThrow(message);
    const few = { ...plan, metrics: [metric], reference: images(count) };
    if (metric === "is") assertScorable(few);
    else expect(() => assertScorable(few)).toThrow(message);
  });

  it("takes KID's own subset size", () => {
    assertScorable({ ...plan, metrics: ["kid"], kid: { subsetSize: 8 }, generated: images(8) });
  });

  it("refuses a metric without what it is measured against", () => {
    expect(() => assertScorable({ ...plan, reference: undefined })).toThrow(/fid has no reference/);
    for (const metric of ["kid", "prdc"] as const)
      expect(() => assertScorable({ ...plan, metrics: [metric], reference: { statistics } })).toThrow(
        new RegExp(`${metric} has a reference of mean and covariance alone`),
      );
  });

  it("refuses statistics of another network", () => {
    const fid = { ...plan, metrics: ["fid"] as const };
    const wider = { ...statistics, dimensions: 4, mean: new Float64Array(4), covariance: new Float64Array(16) };
    expect(() => assertScorable({ ...fid, reference: { statistics: wider } })).toThrow(
      /the reference has 4 features, expected the 3 of mean colours/,
    );
    const stored = { images: "theirs", count: 9, quantisation: "uint8", grey: false } as const;
    assertScorable({ ...fid, reference: { statistics, protocol: { ...protocol, ...stored } } });
    expect(() =>
      assertScorable({ ...fid, reference: { statistics, protocol: { ...protocol, ...stored, weights: "def" } } }),
    ).toThrow(/weights abc, the reference def, expected one network for both/);
  });
});
