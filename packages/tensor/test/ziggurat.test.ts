import { describe, expect, it } from "vitest";
import { nextUint32, xoshiroState } from "../src/xoshiro.js";
import { chordBounds, fillNormal, tailArea, tailStart, zigguratTables } from "../src/ziggurat.js";
import {
  chiSquare,
  chiSquareBound,
  erfc,
  kolmogorov,
  kolmogorovBound,
  mean,
  normalCdf,
  sixSigma,
} from "./statistics.js";

const n = 1 << 21;
const sample = new Float32Array(n);
fillNormal(xoshiroState(11, 22, 33, 44), sample);

describe("ziggurat tables", () => {
  const { edge, height, area } = zigguratTables();

  it("close at the summit: the last region of the same area ends at f = 1", () => {
    expect((height[255] as number) + area / (edge[255] as number)).toBeCloseTo(1, 13);
  });

  it("give every region the same area", () => {
    for (let i = 1; i < 256; i++) {
      const high = height[i + 1] as number;
      const low = height[i] as number;
      expect((edge[i] as number) * (high - low)).toBeCloseTo(area, 14);
    }
  });

  it("cover the area under the curve and little more", () => {
    const efficiency = Math.sqrt(Math.PI / 2) / (256 * area);
    expect(efficiency).toBeGreaterThan(0.99);
    expect(efficiency).toBeLessThan(1);
  });

  it("bound the distance of the density from the chord of each wedge, closely", () => {
    for (let i = 1; i < 256; i++) {
      const [start, end] = [edge[i + 1]!, edge[i]!];
      const [width, rise] = [end - start, height[i + 1]! - height[i]!];
      let largest = 0;
      for (let x = start; x <= end; x += width / 64) {
        const chord = height[i]! + (rise * (end - x)) / width;
        largest = Math.max(largest, (Math.abs(Math.exp((-x * x) / 2) - chord) * width) / rise);
      }
      expect(largest, `wedge ${i}`).toBeLessThan(chordBounds[i]!);
      // The bound is useful: it leaves most points of a wedge to the chord.
      expect(chordBounds[i]!, `wedge ${i}`).toBeLessThan(0.3 * width);
    }
    expect(chordBounds[0]).toBe(Infinity);
  });

  it("know the area of the tail", () => {
    expect(tailArea(tailStart) / (Math.sqrt(Math.PI / 2) * erfc(tailStart / Math.SQRT2))).toBeCloseTo(1, 11);
  });
});

describe("fillNormal", () => {
  it("has the moments of N(0, 1) up to the eighth", () => {
    const moments = [0, 1, 0, 3, 0, 15, 0, 105];
    const secondMoments = [1, 3, 15, 105, 945, 10395, 135135, 2027025]; // E x^(2k)
    moments.forEach((expected, k) => {
      const sd = Math.sqrt((secondMoments[k] as number) - expected ** 2);
      const z = ((mean(sample, (x) => x ** (k + 1)) - expected) / sd) * Math.sqrt(n);
      expect(Math.abs(z), `moment ${k + 1}`).toBeLessThan(sixSigma);
    });
  });

  it("has the distribution function of N(0, 1)", () => {
    expect(kolmogorov(sample, normalCdf)).toBeLessThan(kolmogorovBound);
  });

  it("has the normal probability in each of 200 cells, where the layers would show", () => {
    const cells = 200;
    const observed = new Array<number>(cells).fill(0);
    for (const x of sample) {
      const cell = Math.min(cells - 1, Math.floor(normalCdf(x) * cells));
      observed[cell] = (observed[cell] as number) + 1;
    }
    expect(chiSquare(observed, () => n / cells)).toBeLessThan(chiSquareBound(cells - 1));
  });

  it.each([1, -1])("has the right tail beyond the cutoff on side %d", (side) => {
    // Counts beyond t are Poisson with mean n Q(t); given x > r, the values follow Q(x)/Q(r).
    const beyond = sample.filter((x) => side * x > tailStart).map((x) => side * x);
    const expected = n * normalCdf(-tailStart);
    expect(Math.abs(beyond.length - expected) / Math.sqrt(expected)).toBeLessThan(sixSigma);
    const survival = (x: number): number => normalCdf(-x) / normalCdf(-tailStart);
    expect(kolmogorov(beyond, (x) => 1 - survival(x))).toBeLessThan(kolmogorovBound);
  });

  it("reaches 4.5 standard deviations as often as it should", () => {
    const expected = 2 * n * normalCdf(-4.5); // 14.25
    const found = sample.filter((x) => Math.abs(x) > 4.5).length;
    expect(found).toBeGreaterThan(0); // Poisson(14.25): P(0) = 7e-7
    expect(found).toBeLessThan(expected + 6 * Math.sqrt(expected));
  });

  it("has no correlation between neighbours, nor between their squares", () => {
    for (const of of [(x: number) => x, (x: number) => (x * x - 1) / Math.SQRT2]) {
      let sum = 0;
      for (let i = 1; i < n; i++) sum += of(sample[i] as number) * of(sample[i - 1] as number);
      expect(Math.abs(sum / Math.sqrt(n))).toBeLessThan(sixSigma);
    }
  });

  it("scales and shifts", () => {
    const plain = new Float32Array(1000);
    const moved = new Float32Array(1000);
    fillNormal(xoshiroState(1, 1, 1, 1), plain);
    fillNormal(xoshiroState(1, 1, 1, 1), moved, 3, 0.5);
    moved.forEach((x, i) => expect(x).toBeCloseTo(3 + 0.5 * (plain[i] as number), 5));
  });

  it("goes on where it stopped: two halves are the whole", () => {
    const whole = new Float32Array(3000);
    const halves = new Float32Array(3000);
    const state = xoshiroState(3, 1, 4, 1);
    fillNormal(xoshiroState(3, 1, 4, 1), whole);
    fillNormal(state, halves.subarray(0, 1234));
    fillNormal(state, halves.subarray(1234));
    expect(halves).toEqual(whole);
    expect(nextUint32(state)).toBeGreaterThan(0);
  });
});
