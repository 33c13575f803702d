/** Ladders compared with published tables, and checked for their defining identities. */
import { describe, expect, it } from "vitest";
import { ValidationError } from "@ergodic/tensor";
import { ladder, langevinSteps, proportionalSteps, transitionsOf, type Ladder } from "../src/index.js";

const near = (values: ArrayLike<number>, expected: readonly number[], relative: number): void => {
  expect(values.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(values[i]! / value - 1), `entry ${i}`).toBeLessThan(relative));
};

/*
 * Golden values: the released code of arXiv 2012.08125 (its schedule in float64), computed with
 *   betas = np.linspace(1e-4, 0.02, 1000); r = np.sqrt(1 - betas); idx = [0, 100, 200, 300, 400,
 *   500, 999]
 *   a = [np.prod(r[p + 1 : i + 1]) for p, i in zip([-1] + idx, idx)]
 */
describe("the strided ladder of six transitions", () => {
  const six = ladder.recovery(6);
  it("has the published shares and noises", () => {
    near(six.stepSignal, [0.99995, 0.94616654, 0.85629003, 0.77479621, 0.70091772, 0.63395611, 0.02277645], 1e-6);
    near(six.stepNoise, [0.01, 0.32368022, 0.51649529, 0.63221107, 0.71324214, 0.77336903, 0.99974058], 1e-7);
    near(six.signal, [0.99995, 0.94611923, 0.81015246, 0.62770305, 0.43996819, 0.27892052, 0.00635282], 1e-6);
    near(six.noise, [0.01, 0.32381848, 0.58621924, 0.77845287, 0.89801336, 0.96031419, 0.99997982], 1e-7);
  });

  it("has the published steps and weights", () => {
    near(langevinSteps(six, 2e-4), [0.00457753, 0.04156542, 0.06845531, 0.08899552, 0.10364376, 0.13855079], 1e-6);
    const { scale, tethered, lossWeight } = transitionsOf(six);
    near(lossWeight, [1, 0.626686, 0.511981, 0.453815, 0.418533, 0.323764], 2e-6);
    near(scale, [0.94616654, 0.85629003, 0.77479621, 0.70091772, 0.63395611, 1], 1e-7);
    expect([...tethered]).toEqual([1, 1, 1, 1, 1, 0]);
  });
});

it("the strided ladder of four transitions has the shares of the released code of arXiv 2206.05895", () => {
  near(ladder.recovery(4).stepSignal, [0.99995, 0.86370661, 0.65578634, 0.49746246, 0.02254754], 1e-6);
});

it("steps for narrow data leave a precision at which chains are as narrow", () => {
  const six = ladder.recovery(6);
  const sd = 0.1;
  const wide = proportionalSteps(six, 0.1);
  const fitted = proportionalSteps(six, 0.1, { narrowest: sd });
  near(
    wide.map((s) => s * s),
    [...six.stepNoise.slice(1)].map((noise) => 0.1 * noise ** 2),
    1e-12,
  );
  const { scale } = transitionsOf(six);
  const variances = [...scale].map((alpha, t) => alpha ** 2 * ((six.signal[t]! * sd) ** 2 + six.noise[t]! ** 2));
  // Unadjusted chains of step s are never narrower than s.
  expect(wide[0]! ** 2).toBeGreaterThan(variances[0]!);
  expect([...fitted.slice(1)]).toEqual([...wide.slice(1)]);
  fitted.forEach((s, t) => {
    const precision = (2 / s ** 2) * (1 - Math.sqrt(1 - s ** 2 / variances[t]!));
    expect(1 / (precision * (1 - (s ** 2 * precision) / 4)) / variances[t]!).toBeCloseTo(1, 9);
  });
});

describe("the cosine ladder of six transitions", () => {
  const six = ladder.cosine(6);
  it("has the published shares, noises, steps and weights", () => {
    near(six.signal, [0.99997228, 0.96765888, 0.87633861, 0.73158007, 0.5422105, 0.31977747, 0.07784473], 1e-6);
    near(six.noise, [0.00744638, 0.25226234, 0.4816956, 0.68175553, 0.84024269, 0.94749267, 0.9969655], 1e-6);
    near(six.stepSignal.slice(1), [0.96768571, 0.90562762, 0.83481438, 0.74114991, 0.58976628, 0.24343406], 1e-6);
    near(six.stepNoise.slice(1), [0.25215941, 0.42407384, 0.55053152, 0.67133957, 0.80757398, 0.96991745], 1e-6);
    const squares = langevinSteps(six, 4e-4).map((s) => s * s);
    near(squares, [2.543375e-5, 2.436971e-3, 7.842455e-3, 0.01650548, 0.02943638, 0.04788069], 1e-6);
    const { initialNoise, lossWeight } = transitionsOf(six);
    near(initialNoise, [0.00720281, 0.20112714, 0.32472529, 0.40371253, 0.42236813, 0.92178685], 1e-6);
    near(lossWeight, [1, 0.594612, 0.458029, 0.3756064, 0.3122431, 0.2599803], 1e-6);
  });
});

describe.each<[string, Ladder]>([
  ["recovery(2)", ladder.recovery(2)],
  ["recovery(501)", ladder.recovery(501)],
  ["full(1)", ladder.full(1)],
  ["full(7)", ladder.full(7)],
  ["full(1000)", ladder.full(1000)],
  ["cosine(1)", ladder.cosine(1)],
  ["cosine(50)", ladder.cosine(50, { lowest: -9, highest: 12 })],
])("%s", (_, { transitions, signal, noise, stepSignal, stepNoise }) => {
  it("preserves variance: A² + S² = a² + σ² = 1, A_i = a_i A_{i-1}", () => {
    expect(signal).toHaveLength(transitions + 1);
    signal.forEach((a, i) => {
      expect(a * a + noise[i]! ** 2).toBeCloseTo(1, 12);
      expect(stepSignal[i]! ** 2 + stepNoise[i]! ** 2).toBeCloseTo(1, 12);
      expect(a).toBeCloseTo((i === 0 ? 1 : signal[i - 1]!) * stepSignal[i]!, 12);
    });
  });

  it("gets noisier with every level", () => {
    for (let i = 1; i <= transitions; i += 1) expect(noise[i]!).toBeGreaterThan(noise[i - 1]!);
  });
});

it("the full ladder has one transition for every β, from clean data", () => {
  const { signal, stepNoise } = ladder.full(1000);
  expect(signal[0]).toBe(1);
  near([stepNoise[1]! ** 2, stepNoise[1000]! ** 2], [1e-4, 0.02], 1e-9);
  expect(ladder.full(1).signal[1]).toBeCloseTo(ladder.recovery(6).signal[6]!, 12);
});

it("a tilted top has a tether to the origin, and no scale", () => {
  const { scale, tethered, centred } = transitionsOf(ladder.recovery(6), "tilted");
  expect(scale[5]).toBe(1);
  expect([...tethered]).toEqual([1, 1, 1, 1, 1, 1]);
  expect([...centred]).toEqual([1, 1, 1, 1, 1, 0]);
});

it("the top is conditional on request", () => {
  const { scale, tethered } = transitionsOf(ladder.recovery(6), "conditional");
  expect(scale[5]).toBeCloseTo(0.02277645, 7);
  expect(tethered[5]).toBe(1);
});

it.each([
  [() => ladder.recovery(1), /transitions is 1, expected 2 to 501/],
  [() => ladder.recovery(502), /use full/],
  [() => ladder.recovery(1000), /use full/],
  [() => ladder.full(1001), /transitions is 1001/],
  [() => ladder.full(0), /transitions is 0/],
  [() => ladder.cosine(6, { lowest: 3, highest: 3 }), /lowest below highest/],
  [() => langevinSteps(ladder.full(10), 1e-4), /level 0 of the ladder holds no noise/],
  [() => langevinSteps(ladder.recovery(6), 0), /scale is 0/],
  [() => proportionalSteps(ladder.recovery(6), 0.1, { narrowest: 0 }), /narrowest is 0/],
  [() => transitionsOf(ladder.recovery(6), "both" as "marginal"), /top is/],
])("refuses what has no ladder (%#)", (make, message) => {
  expect(make).toThrow(ValidationError);
  expect(make).toThrow(message);
});
