/** Joins sets of samples on the host. */
import { fail } from "@ergodic/tensor";
import type { HostSamples } from "./samples.js";

/**
 * One set after the other, of which the first `n` samples are kept.
 *
 * @throws ValidationError for no sets, and for sets of different kinds or sizes
 */
export function joinedSamples(parts: readonly HostSamples[], n = Infinity): HostSamples {
  const [first] = parts;
  if (first === undefined) return fail("there are no samples", "at least one set");
  if (first.kind === "text") {
    const texts = parts.flatMap((part) => (part.kind === "text" ? part.texts : mixed(first, part)));
    return { kind: "text", texts: texts.slice(0, n) };
  }
  const [, ...size] = first.shape;
  const pictures = parts.map((part) =>
    part.kind === first.kind && `${part.shape.slice(1)}` === `${size}` ? part : mixed(first, part),
  );
  const count = Math.min(
    n,
    pictures.reduce((sum, { shape }) => sum + shape[0]!, 0),
  );
  const values = new Float32Array(count * size.reduce((product, side) => product * side, 1));
  let at = 0;
  for (const part of pictures) {
    const left = values.length - at;
    values.set(part.values.length > left ? Array.prototype.slice.call(part.values, 0, left) : part.values, at);
    at += Math.min(left, part.values.length);
  }
  return { kind: first.kind, values, shape: [count, ...size] };
}

function mixed(first: HostSamples, other: HostSamples): never {
  const described = (samples: HostSamples): string =>
    samples.kind === "text" ? "texts" : `${samples.kind} [${samples.shape.join(", ")}]`;
  return fail(`samples are ${described(first)} and ${described(other)}`, "samples of one kind and size");
}
