/**
 * Checks types and lint rules, and writes the declarations of the packages.
 *
 * Rules that need types ask the program that has checked them. ESLint alone would make it again.
 */
import { ESLint } from "eslint";
import { lintConfig } from "./lint/config.js";
import { checkedProgram, writeDeclarations } from "./types.js";

const program = checkedProgram();
writeDeclarations(program);
const eslint = new ESLint({ overrideConfigFile: true, baseConfig: lintConfig({ programs: [program] }) });
const results = await eslint.lintFiles(".");
const formatter = await eslint.loadFormatter("stylish");
process.stdout.write(await formatter.format(results));
if (results.some(({ errorCount, warningCount }) => errorCount + warningCount > 0)) process.exitCode = 1;
