/** Scores in a network's feature space as lines of text, each with what it may be compared by. */
import type { NetworkScores } from "./network-scores.js";
import { columns, short, withThousands } from "../terminal/format.js";

export function describeNetworkScores({
  fid,
  fidInfinity,
  is,
  kid,
  prdc = [],
  protocol,
  warnings,
}: NetworkScores): string {
  const { generated, reference } = protocol;
  const rows: [string, string][] = [];
  if (fid !== undefined) rows.push(["FID", short(fid.value)]);
  if (fidInfinity !== undefined) rows.push(["FID-infinity", short(fidInfinity.value)]);
  if (is !== undefined)
    rows.push(["Inception Score", `${short(is.value)} ± ${short(is.sd)}   over ${is.splits} splits`]);
  if (kid !== undefined) {
    const subsets = `${kid.subsets} subsets of ${withThousands(kid.subsetSize)}`;
    rows.push(["KID x 1000", `${short(1000 * kid.value)} ± ${short(1000 * kid.sd)}   over ${subsets}`]);
  }
  for (const { neighbours, closed, precision, recall, density, coverage } of prdc) {
    const scores = { precision, recall, density, coverage };
    const texts = Object.entries(scores).map(([name, value]) => `${name} ${short(value)}`);
    rows.push([`balls, k = ${neighbours}`, `${texts.join(", ")}   (${closed ? "closed" : "open"})`]);
  }
  rows.push(["images", `${withThousands(generated.count)}: ${generated.images}`]);
  if (reference !== undefined) rows.push(["reference", `${withThousands(reference.count)}: ${reference.images}`]);
  rows.push(["network", `${generated.network}, resize ${generated.resize}, weights ${generated.weights.slice(0, 8)}`]);
  return [columns(rows, 3), ...warnings.map(({ message }) => `note: ${message}`)].join("\n");
}
