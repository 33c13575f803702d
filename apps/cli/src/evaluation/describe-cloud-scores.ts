/** Formats scores of samples that are points as text. */
import type { CloudScores } from "@ergodic/evaluation/model";
import { alignedTable, short, withThousands } from "../terminal/format.js";

/** A row for each law; empty when none was computed. */
export function describeCloudScores({ cloud }: CloudScores): string {
  if (cloud === undefined) return "";
  const { laws, reconstruction, samples, compared } = cloud;
  const known = Object.values(laws).some(({ coverage }) => coverage !== undefined);
  const head = ["points of", "MMD²", ...(known ? ["within 2 sd", "modes", "least mode", "TV"] : [])];
  const rows = Object.entries(laws).map(([law, { discrepancy, coverage: of }]) => [
    law,
    short(discrepancy),
    ...(of === undefined
      ? []
      : [percent(of.highQuality), `${of.covered} of ${of.modes}`, short(of.least), short(of.totalVariation)]),
  ]);
  const error = reconstruction === undefined ? "" : `; mean squared error of reconstructions ${short(reconstruction)}`;
  return `${alignedTable(head, rows)}\n${withThousands(samples)} points of each law, ${withThousands(compared)} compared${error}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
