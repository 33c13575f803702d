/** Colours of the terminal. Pipes, `NO_COLOR` and dumb terminals get plain text. */
import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];
type Painter = (format: Format, text: string) => string;

/** Paints texts for a stream. */
export const painter = (stream: NodeJS.WriteStream): Painter =>
  // The stream of a terminal heeds NO_COLOR, FORCE_COLOR and TERM.
  stream.isTTY === true && stream.hasColors()
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_, text) => text;

/** Formats of the beginnings of lines, and of whole words. */
const marks: readonly (readonly [RegExp, Format])[] = [
  [/^error:/gm, ["red", "bold"]],
  [/^note:/gm, "yellow"],
  [/^done:/gm, ["green", "bold"]],
  [/^(engine|data|model|run|seed|changed|resumed|report|samples|checkpoint)(?= {2,})/gm, "dim"],
  [/[█▏▎▍▌▋▊▉]+/g, "cyan"],
];

/** A message with its marks in colour. */
export const painted = (text: string, paint: Painter): string =>
  marks.reduce((message, [pattern, format]) => message.replace(pattern, (mark) => paint(format, mark)), text);
