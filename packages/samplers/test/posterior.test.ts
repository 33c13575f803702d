/**
 * Parameters with limits: maps against numerical Jacobians, limits, and posteriors in closed form.
 *
 * Means of runs must lie within 4 Monte Carlo standard errors; with 20 comparisons a false alarm
 * has probability 2e-3 for other keys.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { nuts, openKernel, sample, summarize, warmUp } from "@ergodic/samplers";
import {
  above,
  below,
  correlation,
  interval,
  ordered,
  positive,
  posterior,
  real,
  simplex,
  type Parameter,
  type Posterior,
} from "@ergodic/samplers/posterior";
import { valuesOf } from "./support.js";

beforeAll(async () => {
  await useEngine("onnx");
});

/** log |det| of a square matrix by elimination. */
function logDeterminant(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row]);
  let total = 0;
  rows.forEach((_, k) => {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    total += Math.log(Math.abs(rows[k]![k]!));
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * rows[k]![j]!);
    }
  });
  return total;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
const valueAt = (parameter: Parameter, u: readonly number[]): number[] =>
  valuesOf(parameter.constrain(tf.tensor([...u], [1, ...parameter.free]), {}).value);

describe("the log-determinant is that of the numerical Jacobian", () => {
  /** The parameter, and which numbers of its value are coordinates. Default: all. */
  const cases: readonly (readonly [string, Parameter, ((at: number) => boolean)?])[] = [
    ["real", real([2])],
    ["positive", positive()],
    ["positive, several", positive([2, 2])],
    ["above", above(-3, [2])],
    ["below", below(5, [2])],
    ["interval", interval(-1, 4, [3])],
    ["ordered", ordered(4)],
    ["ordered, one", ordered(1)],
    ["simplex", simplex(4), (at) => at < 3],
    ["simplex of two", simplex(2), (at) => at < 1],
    ["correlation", correlation(3), (at) => at % 3 < Math.floor(at / 3)],
    ["correlation of two", correlation(2), (at) => at === 2],
    ["correlation of five", correlation(5), (at) => at % 5 < Math.floor(at / 5)],
  ];
  const all = (): boolean => true;
  it.each(cases.map(([name, parameter, of]) => [name, parameter, of ?? all] as const))("%s", (_, parameter, of) => {
    const size = sizeOf(parameter.free);
    const step = 1e-2;
    for (let seed = 0; seed < 3; seed++) {
      const u = [...random.host.normal(random.fold(random.key("jacobian"), seed), size, { sd: 0.8 })];
      const columns = u.map((_, k) => {
        const moved = (by: number) =>
          valueAt(
            parameter,
            u.map((value, i) => (i === k ? value + by : value)),
          );
        const [a, b, c, d] = [-2, -1, 1, 2].map((by) => moved(by * step)) as [number[], number[], number[], number[]];
        // Central differences of fourth order: float32 values allow an error near 1e-4.
        return a.map((_, i) => (a[i]! - 8 * b[i]! + 8 * c[i]! - d[i]!) / (12 * step)).filter((_, i) => of(i));
      });
      const { value, logDeterminant: own } = parameter.constrain(tf.tensor(u, [1, ...parameter.free]), {});
      expect(value.shape).toEqual([1, ...parameter.shape]);
      expect(own.shape).toEqual([1]);
      expect(valuesOf(own)[0]).toBeCloseTo(logDeterminant(columns), 2);
    }
  });

  it("rows do not depend on one another", () => {
    for (const parameter of [interval(0, 1, [2]), ordered(3), simplex(3), correlation(3)]) {
      const u = random.normal(random.key("rows"), [5, ...parameter.free]);
      const all = parameter.constrain(u, {});
      const one = parameter.constrain(tf.slice(u, 3, 1), {});
      valuesOf(one.value).forEach((value, i) => expect(valuesOf(tf.slice(all.value, 3, 1))[i]).toBeCloseTo(value, 6));
      expect(valuesOf(all.logDeterminant)[3]).toBeCloseTo(valuesOf(one.logDeterminant)[0]!, 5);
    }
  });
});

describe("values keep their limits, and stay finite far out", () => {
  const far = (shape: readonly number[]) => random.normal(random.key("far"), [200, ...shape], { sd: 20 });

  it("of a simplex and of intervals", () => {
    const { value, logDeterminant: own } = simplex(5).constrain(far([4]), {});
    valuesOf(tf.sum(value, 1)).forEach((sum) => expect(sum).toBeCloseTo(1, 5));
    valuesOf(value).forEach((share) => expect(share).toBeGreaterThanOrEqual(0));
    valuesOf(own).forEach((one) => expect(one).toBeGreaterThan(-Infinity));
    valuesOf(interval(-2, 3).constrain(far([]), {}).value).forEach((one) =>
      expect(Math.abs(one - 0.5)).toBeLessThanOrEqual(2.5),
    );
  });

  it("of ordered vectors and correlations", () => {
    const steps = ordered(3)
      .constrain(random.normal(random.key("steps"), [50, 3]), {})
      .value.arraySync() as number[][];
    steps.forEach(([a, b, c]) => expect(a! < b! && b! < c!).toBe(true));
    const lower = correlation(4).constrain(far([6]), {});
    const product = tf.matMul(lower.value, lower.value, false, true).arraySync() as number[][][];
    product.forEach((matrix) => matrix.forEach((row, i) => expect(row[i]).toBeCloseTo(1, 4)));
    valuesOf(lower.logDeterminant).forEach((one) => expect(one).toBeGreaterThan(-Infinity));
  });

  it("simplex and correlation are balanced at 0", () => {
    valueAt(simplex(4), [0, 0, 0]).forEach((share) => expect(share).toBeCloseTo(0.25, 6));
    expect(valueAt(correlation(2), [0])).toEqual([1, 0, 0, 1]);
  });
});

/** Draws of a posterior by name. */
async function drawn(target: Posterior, { chains = 8, steps = 300 } = {}) {
  const kernel = openKernel(nuts({ energy: target.energy }));
  const tuned = await warmUp(kernel, { chains, law: target.start }, { steps, key: random.key("warm") });
  const { positions } = await sample(kernel, { initial: tuned, draws: steps, key: random.key("draw") });
  await kernel.dispose();
  return target.draws(positions);
}

function expectMeans(draws: Record<string, tf.Tensor>, exact: Readonly<Record<string, number>>): void {
  const rows = summarize(draws);
  for (const [name, mean] of Object.entries(exact)) {
    const row = rows.find((one) => one.name === name)!;
    expect(row, `${name} among ${rows.map((one) => one.name).join()}`).toBeDefined();
    expect(Math.abs(row.mean - mean) / row.mcseMean, `${name}: ${row.mean}, exact ${mean}`).toBeLessThan(4);
    expect(row.rHat).toBeLessThan(1.03);
  }
}

describe("posteriors in closed form", () => {
  it("of every form of parameter", async () => {
    const counts = tf.tensor2d([[2, 5, 3]]);
    const target = posterior({
      parameters: {
        beta: real([2]),
        sigma: positive(),
        theta: interval(0, 1),
        mu: ordered(2),
        p: simplex(3),
        L: correlation(2),
      },
      energy: ({ beta, sigma, theta, mu, p, L }) =>
        tf.addN([
          // beta_i ~ N(1, 2²)
          tf.sum(tf.div(tf.square(tf.sub(beta, 1)), 8), 1),
          // sigma ~ Gamma(3, 2): mean 1.5
          tf.sub(tf.mul(2, sigma), tf.mul(2, tf.log(sigma))),
          // theta ~ Beta(3, 5): mean 0.375
          tf.neg(tf.add(tf.mul(2, tf.log(theta)), tf.mul(4, tf.log(tf.sub(1, theta))))),
          // Two standard normals in order: means ∓ 1/√π
          tf.mul(0.5, tf.sum(tf.square(mu), 1)),
          // p ~ Dirichlet(2, 5, 3): means 0.2, 0.5, 0.3
          tf.neg(tf.sum(tf.mul(tf.sub(counts, 1), tf.log(p)), 1)),
          // LKJ(2) of two variables, density ∝ L_11²: the correlation has the mean 0 and variance
          // 1/5
          tf.mul(-2, tf.log(tf.reshape(tf.slice(L, [0, 1, 1], [-1, 1, 1]), [-1]))),
        ]),
    });
    const draws = await drawn(target);
    expectMeans(draws as Record<string, tf.Tensor>, {
      "beta[0]": 1,
      "beta[1]": 1,
      sigma: 1.5,
      theta: 0.375,
      "mu[0]": -1 / Math.sqrt(Math.PI),
      "mu[1]": 1 / Math.sqrt(Math.PI),
      "p[0]": 0.2,
      "p[1]": 0.5,
      "p[2]": 0.3,
      "L[1,0]": 0,
    });
    expectMeans(
      { square: tf.square(tf.squeeze(tf.slice(draws.L!, [0, 0, 1, 0], [-1, -1, 1, 1]), [2, 3])) },
      { square: 0.2 },
    );
    expect(target.dimension).toBe(2 + 1 + 1 + 2 + 2 + 1);
    expect(target.numbers.map(({ name }) => name)).toEqual(
      summarize(draws as Record<string, tf.Tensor>).map(({ name }) => name),
    );
    expect(target.numbers.find(({ name }) => name === "theta")!.limits).toBe("in (0, 1)");
  });

  it("where the limits of a parameter depend on another", async () => {
    // Uniform on the triangle 0 < b < 1 - a: the mean of both is 1/3.
    const target = posterior({
      parameters: { a: interval(0, 1), b: interval(0, ({ a }) => tf.sub(1, a!)) },
      energy: ({ a }) => tf.zerosLike(a),
    });
    expectMeans((await drawn(target)) as Record<string, tf.Tensor>, { a: 1 / 3, b: 1 / 3 });
  });
});

describe("posteriors refuse", () => {
  it("what is no parameter, no energy or no limit", () => {
    const energy = ({ a }: { a: tf.Tensor }) => a;
    expect(() => posterior({ parameters: {}, energy: () => tf.zeros([1]) })).toThrow(/without parameters/);
    expect(() => posterior({ parameters: { a: 1 as unknown as Parameter }, energy })).toThrow(/parameter a is number/);
    expect(() => posterior({ parameters: { a: real() }, energy: 1 as never })).toThrow(ValidationError);
    expect(() => interval(1, 0)).toThrow(/an interval from 1 to 0/);
    expect(() => interval(0, NaN)).toThrow(/high is NaN/);
    expect(() => simplex(1)).toThrow(/a simplex of size 1/);
    expect(() => correlation(1.5)).toThrow(/size is 1.5/);
    expect(() => real([0])).toThrow(/shape\[0\]/);
  });

  it("an energy of another shape", async () => {
    const target = posterior({ parameters: { a: real([3]) }, energy: ({ a }) => a });
    await expect(drawn(target, { chains: 4, steps: 5 })).rejects.toThrow(
      /posterior\(\{ energy \}\): energy has shape \[4,3\], expected \[4\]/,
    );
  });
});
