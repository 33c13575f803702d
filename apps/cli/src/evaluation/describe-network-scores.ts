/** Formats scores in a network's features as text, each with the conditions for comparing it. */
import type { ManifoldScores } from "@ergodic/evaluation";
import type { InceptionScores, LenetScores, NetworkScores } from "@ergodic/evaluation/node";
import { fileRows } from "./describe-files.js";
import { columns, short, withThousands } from "../terminal/format.js";

/** Names of scores in the features of one network. */
interface Names {
  readonly distance: string;
  readonly classScore: string;
  readonly kernel: string;
  readonly balls: string;
}

const inception: Names = { distance: "FID", classScore: "Inception Score", kernel: "KID", balls: "balls" };
const digits: Names = { distance: "FD-LeNet", classScore: "IS-LeNet", kernel: "KID-LeNet", balls: "balls, LeNet" };

/** Scores of either network under common names. */
interface Described extends Pick<InceptionScores, "protocol" | "warnings" | "fidInfinity" | "is" | "kid" | "prdc"> {
  readonly distance: { readonly value: number } | undefined;
}

export function describeNetworkScores({ lenet, protocol, warnings = [], fid, ...scores }: NetworkScores): string {
  const ofInception = protocol && described(inception, { ...scores, protocol, warnings, distance: fid });
  const ofDigits = lenet && described(digits, amongDigits(lenet));
  return [ofInception, ofDigits].filter((text) => text !== undefined).join("\n");
}

const amongDigits = ({ fdLenet, isLenet, kidLenet, prdcLenet, protocol, warnings }: LenetScores): Described => ({
  ...{ protocol, warnings, distance: fdLenet },
  ...(isLenet && { is: isLenet }),
  ...(kidLenet && { kid: kidLenet }),
  ...(prdcLenet && { prdc: prdcLenet }),
});

function described(names: Names, { distance, fidInfinity, is, kid, prdc = [], protocol, warnings }: Described): string {
  const { generated, reference } = protocol;
  const rows: [string, string][] = [];
  if (distance !== undefined) rows.push([names.distance, short(distance.value)]);
  if (fidInfinity !== undefined) rows.push([`${names.distance}-infinity`, short(fidInfinity.value)]);
  if (is !== undefined)
    rows.push([names.classScore, `${short(is.value)} ± ${short(is.sd)}   over ${is.splits} splits`]);
  if (kid !== undefined) {
    const subsets = `${kid.subsets} subsets of ${withThousands(kid.subsetSize)}`;
    rows.push([`${names.kernel} x 1000`, `${short(1000 * kid.value)} ± ${short(1000 * kid.sd)}   over ${subsets}`]);
  }
  rows.push(...prdc.map((scores): [string, string] => [`${names.balls}, k = ${scores.neighbours}`, overlap(scores)]));
  rows.push(["images", `${withThousands(generated.count)}: ${generated.images}`], ...fileRows(generated.files));
  if (reference !== undefined)
    rows.push(["reference", `${withThousands(reference.count)}: ${reference.images}`], ...fileRows(reference.files));
  rows.push(["network", `${generated.network}, resize ${generated.resize}, weights ${generated.weights.slice(0, 8)}`]);
  return [columns(rows, 3), ...warnings.map(({ message }) => `note: ${message}`)].join("\n");
}

function overlap({ closed, precision, recall, density, coverage }: ManifoldScores): string {
  const texts = Object.entries({ precision, recall, density, coverage }).map(
    ([name, value]) => `${name} ${short(value)}`,
  );
  return `${texts.join(", ")}   (${closed ? "closed" : "open"})`;
}
