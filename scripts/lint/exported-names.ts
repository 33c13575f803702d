/** What packages export, and where each exported name is defined. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** The file and the name under which something is defined. */
export type Origin = `${string}#${string}`;

/**
 * The names that a module exports, followed through its re-exports to where they are defined.
 *
 * @param file the module's source
 * @param fileOf the source of a package that is imported by name; undefined for packages from
 * elsewhere
 */
export function exportedNames(file: string, fileOf: (specifier: string) => string | undefined): Map<string, Origin> {
  const names = new Map<string, Origin>();
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement)) {
      for (const name of declaredNames(statement)) names.set(name, `${file}#${name}`);
      continue;
    }
    const from =
      statement.moduleSpecifier && targetOf(file, (statement.moduleSpecifier as ts.StringLiteral).text, fileOf);
    const theirs = from === undefined ? undefined : exportedNames(from, fileOf);
    if (statement.exportClause === undefined) for (const [name, origin] of theirs ?? []) names.set(name, origin);
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) continue;
    for (const { name, propertyName } of statement.exportClause.elements) {
      const original = (propertyName ?? name).text;
      names.set(name.text, theirs?.get(original) ?? `${from ?? file}#${original}`);
    }
  }
  return names;
}

function targetOf(file: string, specifier: string, fileOf: (specifier: string) => string | undefined) {
  return specifier.startsWith(".") ? join(dirname(file), specifier.replace(/\.js$/, ".ts")) : fileOf(specifier);
}

/** Names of a statement with `export` before it. */
function declaredNames(statement: ts.Statement): string[] {
  if (!ts.canHaveModifiers(statement)) return [];
  const exported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  if (!exported) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  const { name } = statement as ts.Statement & { name?: ts.Node };
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}
