/**
 * The types of the workspace, and the declarations of the packages: `packages/x/src/y.ts` becomes
 * `packages/x/dist/y.d.ts`.
 *
 * One program does both. A program for each package would check those below it again.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../", import.meta.url));
const source = /\/packages\/[^/]+\/src\//;

/** Prints errors, if any, and ends the process. */
function stopAt(errors: readonly ts.Diagnostic[]): void {
  if (errors.length === 0) return;
  const host = {
    getCanonicalFileName: (name: string) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => "\n",
  };
  process.stderr.write(ts.formatDiagnosticsWithColorAndContext(errors, host));
  process.exit(1);
}

/** Removes the declarations of earlier builds, whose sources may be gone. */
function removeOld(): void {
  for (const name of readdirSync(join(root, "packages"))) {
    const built = join(root, "packages", name, "dist");
    for (const file of ts.sys.readDirectory(built, [".d.ts"])) rmSync(file);
  }
}

/** The program of the workspace. Errors of its types end the process. */
export function checkedProgram(): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, "scripts/tsconfig.json"),
    { noEmit: false, declaration: true, emitDeclarationOnly: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (error) => stopAt([error]) },
  )!;
  const program = ts.createProgram(config.fileNames, config.options);
  stopAt([
    ...config.errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program.getSyntacticDiagnostics(),
    ...program.getSemanticDiagnostics(),
  ]);
  return program;
}

/** Replaces the declarations of all packages by those of a program. */
export function writeDeclarations(program: ts.Program): void {
  removeOld();
  const write: ts.WriteFileCallback = (name, text) => {
    const file = name.replace(/(\/packages\/[^/]+)\/src\//, "$1/dist/");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const file of program.getSourceFiles())
    if (!file.isDeclarationFile && source.test(file.fileName))
      stopAt(program.emit(file, write, undefined, true).diagnostics);
}
