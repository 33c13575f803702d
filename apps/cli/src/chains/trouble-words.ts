/** Formulates problems of chains: one sentence per kind, with the worst number as evidence. */
import type { MixingTrouble } from "@ergodic/diagnosis";
import { short } from "../terminal/format.js";

/** One problem as a sentence. */
export function mixingWords(trouble: MixingTrouble): string {
  if (trouble.kind === "oneChain") return "one chain cannot show that it missed a mode; run four or more";
  return `${trouble.name}: ${sentence(trouble)}${others(trouble, "numbers")}`;
}

function sentence(trouble: Exclude<MixingTrouble, { kind: "oneChain" }>): string {
  if (trouble.kind === "still") return "every draw is equal: the chains do not move";
  if (trouble.kind === "rHat") {
    const { value, bound, chains } = trouble;
    const who = chains === 1 ? "the halves of the chain" : "the chains";
    return `R-hat is ${value.toFixed(value < 1.1 ? 3 : 2)}, above ${bound}: ${who} disagree; run longer`;
  }
  const { kind, value, wanted } = trouble;
  const size = `${short(Math.floor(value))} of ${short(wanted)} wanted`;
  return kind === "essBulk"
    ? `bulk ESS is ${size}: the mean is uncertain; run longer`
    : `tail ESS is ${size}: the tails are uncertain; run longer`;
}

/** The number of affected quantities, if there are more than the one named. */
export const others = (
  { affected, followed }: { readonly affected: number; readonly followed: number },
  what: string,
): string => (affected === 1 ? "" : ` (${affected} of ${followed} ${what}, this is the worst)`);
