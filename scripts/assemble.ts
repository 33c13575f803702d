/** `npx tsx scripts/assemble.ts`: writes the binary form of `packages/tensor/src/streams.wat`. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

const folder = fileURLToPath(new URL("../packages/tensor/src/", import.meta.url));

/** The TypeScript file that holds the assembled text. */
export const binaryFile = `${folder}streams-binary.ts`;

/** The contents that `binaryFile` should have. */
export async function assembled(): Promise<string> {
  const name = "streams.wat";
  const text = readFileSync(`${folder}${name}`, "utf8");
  const parsed = (await wabt()).parseWat(name, text);
  const binary = Buffer.from(parsed.toBinary({}).buffer).toString("base64");
  const lines = binary.match(/.{1,90}/g)!.map((line) => `  "${line}"`);
  return `/** The binary form of streams.wat, in base64. \`npx tsx scripts/assemble.ts\` writes this file. */
// prettier-ignore
export const streamsBinary =
${lines.join(" +\n")};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(binaryFile, await assembled());
