/**
 * Eight schools: published moments, importance sampling from the prior, and equality of the
 * densities of the two forms.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { eightSchools } from "@ergodic/energies";

const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

beforeAll(async () => {
  await useEngine("cpu");
});

// Mean and sd of μ, log τ, τ, θ_1 ... θ_8, by quadrature with 2·10⁶ nodes in another language. The
// means agree with posteriordb's reference draws (4.41, -, 3.60, 6.15, ..., 6.32 for θ_7) within
// their standard errors.
const exact = [
  [4.39682, 3.3177],
  [0.80214, 1.17123],
  [3.59771, 3.21996],
  [6.21188, 5.59313],
  [4.94018, 4.67427],
  [3.927, 5.26262],
  [4.7571, 4.7803],
  [3.61548, 4.65745],
  [4.04261, 4.82687],
  [6.29672, 5.07785],
  [4.85425, 5.2908],
] as const;

describe.each(["centred", "non-centred"] as const)("%s", (form) => {
  it("quantities have the published moments", () => {
    const { quantities } = eightSchools({ form });
    expect(quantities.map(({ name }) => name)).toEqual([
      ...["mu", "log tau", "tau"],
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((j) => `theta[${j}]`),
    ]);
    quantities.forEach(({ mean, sd }, i) => {
      expect(Math.abs(mean - exact[i]![0])).toBeLessThan(1e-5);
      expect(Math.abs(sd - exact[i]![1])).toBeLessThan(1e-5);
    });
  });

  it("quantities have the published moments under the log-normal prior", () => {
    const published = { mu: [5.79904, 5.44723], tau: [13.1666, 6.90942], "log tau": [2.45057, 0.51284] };
    const schools = { "theta[1]": [14.77008, 10.76884], "theta[5]": [1.81661, 7.47437] };
    const { quantities } = eightSchools({ form, prior: "log-normal" });
    for (const [name, [mean, sd]] of Object.entries({ ...published, ...schools })) {
      const quantity = quantities.find((candidate) => candidate.name === name)!;
      expect(Math.abs(quantity.mean - mean!)).toBeLessThan(1e-5);
      expect(Math.abs(quantity.sd - sd!)).toBeLessThan(1e-5);
    }
  });

  it.each(["half-cauchy", "log-normal"] as const)(
    "draws from the prior, weighted by the energy, have the moments and log Z that are stated (%s)",
    (prior) => {
      const { energy, moments, logPartition, quantities } = eightSchools({ form, prior });
      const n = 40_000;
      const [keyMu, keyTau, keyEta] = random.split(random.key("prior"), 3) as ReturnType<typeof random.split>;
      const cauchy = prior === "half-cauchy";
      const scale = cauchy ? 5 : 10;
      const mu = random.host.normal(keyMu!, n, { sd: scale });
      const eta = random.host.normal(keyEta!, 8 * n);
      // Under the log-normal prior τ is around 150, but given the data it is around 13. So log τ is
      // proposed from N(2.5, 0.7²).
      const logTau = cauchy
        ? random.host.uniform(keyTau!, n).map((u) => Math.log(5 * Math.tan((Math.PI / 2) * (u + 2 ** -26))))
        : random.host.normal(keyTau!, n, { mean: 2.5, sd: 0.7 });
      const priorEnergy = (l: number): number => (cauchy ? Math.log1p((Math.exp(l) / 5) ** 2) - l : (l - 5) ** 2 / 2);
      // ∫ τ/(1 + τ²/25) dτ/τ = 5π/2. The proposal N(2.5, 0.7²) has its own density.
      const proposal = (l: number): number =>
        cauchy
          ? -priorEnergy(l) - Math.log(2.5 * Math.PI)
          : -0.5 * ((l - 2.5) / 0.7) ** 2 - Math.log(0.7 * Math.sqrt(2 * Math.PI));
      const rows = new Float32Array(10 * n);
      const logProposal = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        const tau = Math.exp(logTau[i]!);
        rows[10 * i] = mu[i]!;
        rows[10 * i + 1] = logTau[i]!;
        let log = proposal(logTau[i]!) - 0.5 * (mu[i]! / scale) ** 2 - Math.log(scale) - 4.5 * Math.log(2 * Math.PI);
        for (let j = 0; j < 8; j++) {
          const z = eta[8 * i + j]!;
          rows[10 * i + 2 + j] = form === "centred" ? mu[i]! + tau * z : z;
          log -= 0.5 * z * z + (form === "centred" ? logTau[i]! : 0);
        }
        logProposal[i] = log;
      }
      const x = tf.tensor2d(rows, [n, 10]);
      const weights = valuesOf(energy(x)).map((value, i) => Math.exp(-value - logPartition - logProposal[i]!));
      /**
       * Mean of w (f - truth) in standard errors, 0 if everything is right. 5 is a false alarm for
       * 6e-7 of all keys.
       */
      const z = (terms: number[]): number => {
        const mean = terms.reduce((sum, value) => sum + value, 0) / n;
        return mean / Math.sqrt(terms.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n / n);
      };
      expect(Math.abs(z(weights.map((w) => w - 1)))).toBeLessThan(5);
      const coordinates = moments.mean.map((mean, i) => ({
        mean,
        variance: moments.covariance[i]![i]!,
        values: weights.map((_, k) => rows[10 * k + i]!),
      }));
      const further = quantities.map(({ of, mean, sd }) => ({ mean, variance: sd ** 2, values: valuesOf(of(x)) }));
      for (const { mean, variance, values } of [...coordinates, ...further]) {
        expect(Math.abs(z(weights.map((w, k) => w * (values[k]! - mean))))).toBeLessThan(5);
        expect(Math.abs(z(weights.map((w, k) => w * ((values[k]! - mean) ** 2 - variance))))).toBeLessThan(5);
      }
      const [first, third] = [coordinates[0]!, coordinates[2]!];
      const product = weights.map(
        (w, k) => w * ((first.values[k]! - first.mean) * (third.values[k]! - third.mean) - moments.covariance[0]![2]!),
      );
      expect(Math.abs(z(product))).toBeLessThan(5);
    },
  );
});

it("both forms are one density: their energies differ by the Jacobian 8 log τ", () => {
  const points = [
    [1, 0.4, 0.3, -0.5, 1, 0, 2, -1, 0.1, 0.7],
    [-3, -1.5, 1, 1, -1, 0.2, 0, 0.4, -2, 0],
  ];
  const moved = points.map(([mu, logTau, ...eta]) => [mu!, logTau!, ...eta.map((z) => mu! + Math.exp(logTau!) * z)]);
  for (const prior of ["half-cauchy", "log-normal"] as const) {
    const [centred, other] = [eightSchools({ form: "centred", prior }), eightSchools({ form: "non-centred", prior })];
    const differences = valuesOf(tf.sub(centred.energy(tf.tensor2d(moved)), other.energy(tf.tensor2d(points))));
    differences.forEach((value, n) => expect(value).toBeCloseTo(8 * points[n]![1]!, 4));
    expect(centred.logPartition).toBe(other.logPartition);
  }
});

it("refuses an unknown form or prior", () => {
  expect(() => eightSchools({ form: "centered" as never })).toThrow(
    /form is "centered", expected one of "centred", "non-centred"/,
  );
  expect(() => eightSchools({ prior: "flat" as never })).toThrow(ValidationError);
});
