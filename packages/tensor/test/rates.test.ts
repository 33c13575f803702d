import { describe, expect, it } from "vitest";
import { timesCount } from "../src/index.js";

describe("timesCount", () => {
  it("gives k for every quotient k/n and every difference 1 - k/n", () => {
    for (let n = 1; n <= 1000; n++)
      for (let k = 0; k <= n; k++) {
        if (timesCount(k / n, n) !== k) expect.fail(`${k}/${n} of ${n} is ${timesCount(k / n, n)}`);
        if (timesCount(1 - k / n, n) !== n - k) expect.fail(`1 - ${k}/${n} of ${n} is ${timesCount(1 - k / n, n)}`);
      }
  });

  it("leaves every other product as it is", () => {
    expect(timesCount(0.295, 100)).toBe(29.5);
    expect(timesCount(0.29 - 1e-12, 100)).toBe((0.29 - 1e-12) * 100);
    expect(timesCount(0, 0)).toBe(0);
  });
});
