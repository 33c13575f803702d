/** Formulates troubles of a run on a target in words. */
import type { TargetTrouble } from "@ergodic/diagnosis";
import { mixingWords, others } from "../chains/trouble-words.js";
import { short } from "../terminal/format.js";

const temper = "temper (--kernel parallel-tempering), from more chains";

/** One trouble as a sentence. */
export function targetWords(trouble: TargetTrouble): string {
  switch (trouble.kind) {
    case "estimate": {
      const { what, name, value, exact, errors } = trouble;
      const verdict =
        what === "mean"
          ? "the draws do not follow the target"
          : "the tails are not sampled, or too heavy for so few draws";
      const numbers = `the ${what} is ${short(value)} where ${short(exact)} is exact, ${short(errors)} standard errors off`;
      return `${name}: ${numbers}: ${verdict}${others(trouble, `${what}s`)}`;
    }
    case "missedModes": {
      const share = `${short(100 * trouble.share)} %`;
      return `${trouble.missed} of ${trouble.of} modes, with ${share} of the target, were never visited: ${temper}`;
    }
    case "noHop":
      return `no chain ever changed its mode, so the shares of modes only say where chains started: ${temper}`;
    case "partialVisits":
      return `${trouble.chains} of ${trouble.of} chains did not see every mode: run longer, or ${temper}`;
    case "modeShares": {
      const { shares, exact, chiSquared, degreesOfFreedom } = trouble;
      const numbers = `${shares.map(short).join(", ")} where ${exact.map(short).join(", ")} are exact`;
      return `shares of modes are ${numbers} (χ² ${short(chiSquared)} of ${degreesOfFreedom}): chains change modes too rarely`;
    }
    case "kernel":
      return trouble.text;
    default:
      return mixingWords(trouble);
  }
}
