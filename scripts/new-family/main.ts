/** `npm run new-family NAME` */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { newFamily } from "./generate.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const [name, ...rest] = process.argv.slice(2);

if (name === undefined || rest.length > 0 || name.startsWith("-")) {
  console.error(`Usage: npm run new-family NAME

Makes packages/NAME, a family that learns two moons, with its tests, and the preset toy/NAME.
Example: npm run new-family score-matching`);
  process.exit(name === "--help" || name === "-h" ? 0 : 2);
}

try {
  const written = newFamily(root, name);
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  console.log(`Written:\n${[...written, "package-lock.json"].map((path) => `  ${path}`).join("\n")}

Next:
  npx vitest run packages/${name}        its tests
  npm run build && node apps/cli/dist/main.js train toy/${name}
  packages/${name}/src/learning.ts       the learning step: write yours in its place`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
