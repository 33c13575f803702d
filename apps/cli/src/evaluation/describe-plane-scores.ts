/** Formats scores of a model of points in the plane as text. */
import type { PlaneScores } from "@ergodic/evaluation/model";
import { columns, short, withThousands } from "../terminal/format.js";

/** Formats the scores; empty when none was computed. */
export function describePlaneScores({ nats, tv, partition }: PlaneScores): string {
  if (partition === undefined) return "";
  const { logPartition, extentChange, resolutionChange, settled, grid } = partition;
  if (!settled) {
    const changes = `${short(extentChange)} on twice the sides and by ${short(resolutionChange)} with half the cells`;
    return `note: no nats, because log Z has not settled: it changed by ${changes}. The density may have no finite mass; train longer.`;
  }
  const rows: [string, string][] = [];
  if (nats) {
    const { value, standardError, ofData, points } = nats;
    const data = ofData === undefined ? "" : `; the data's own density has ${ofData.toFixed(3)}`;
    const error = `standard error ${short(standardError)}`;
    rows.push(["nats", `${value.toFixed(3)}   ${withThousands(points)} held-out points, ${error}${data}`]);
  }
  if (tv) rows.push(["total variation", tv.value.toFixed(3)]);
  const [width, height] = [0, 1].map((axis) => short(grid.high[axis]! - grid.low[axis]!));
  rows.push(["log Z", `${short(logPartition)}   ${grid.cells} x ${grid.cells} cells on ${width} x ${height}`]);
  return columns(rows, 3);
}
