/** Formats scores of an image model as text. */
import type { FrechetScore, ModelScores } from "@ergodic/evaluation/model";
import { columns, short, withThousands } from "../terminal/format.js";

export function describeModelScores({ fpd, mse }: ModelScores): string {
  const rows: [string, string][] = [];
  if (fpd !== undefined) {
    const chain = fpd.withoutChain === undefined ? "FPD" : "FPD after the chain";
    rows.push([chain, `${short(fpd.value)}${improvement(fpd)}`]);
    if (fpd.withoutChain !== undefined) rows.push(["FPD of z ~ N(0, I)", short(fpd.withoutChain)]);
    const sizes = `${withThousands(fpd.generated)} generated, ${withThousands(fpd.test)} test images`;
    rows.push([
      "FPD floor",
      `${short(fpd.floor)}   training against test images (${fpd.components} components, ${sizes})`,
    ]);
  }
  if (mse !== undefined) {
    rows.push(["reconstruction MSE", `${short(mse.value)}   per pixel, ${withThousands(mse.test)} test images`]);
  }
  const few =
    fpd?.bias === undefined
      ? []
      : [
          `note: FPD of so few images is biased upward, two sets of the same distribution would have up to ${short(fpd.bias)}; compare equal counts only`,
        ];
  return [columns(rows, 3), ...few].join("\n");
}

function improvement({ value, withoutChain }: FrechetScore): string {
  if (withoutChain === undefined || withoutChain <= 0) return "";
  const change = Math.round(100 * (value / withoutChain - 1));
  return `   ${change <= 0 ? "" : "+"}${change} % against z ~ N(0, I)`;
}
