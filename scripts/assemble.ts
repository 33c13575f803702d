/** `npx tsx scripts/assemble.ts`: writes the binary form of each file of WebAssembly text. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

/** The files, without their endings. `x.wat` becomes `x-binary.ts`. */
export const sources = ["packages/tensor/src/streams", "packages/linear-algebra/src/large/tiles"].map((path) =>
  fileURLToPath(new URL(`../${path}`, import.meta.url)),
);

export const binaryFile = (source: string): string => `${source}-binary.ts`;

/** The contents that the binary file of a source should have. */
export async function assembled(source: string): Promise<string> {
  const name = basename(source);
  const text = readFileSync(`${source}.wat`, "utf8");
  const parsed = (await wabt()).parseWat(`${name}.wat`, text, { bulk_memory: true });
  const binary = Buffer.from(parsed.toBinary({}).buffer).toString("base64");
  const lines = binary.match(/.{1,90}/g)!.map((line) => `  "${line}"`);
  return `/** The binary form of ${name}.wat, in base64. \`npx tsx scripts/assemble.ts\` writes this file. */
// prettier-ignore
export const ${name}Binary =
${lines.join(" +\n")};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const source of sources) writeFileSync(binaryFile(source), await assembled(source));
}
