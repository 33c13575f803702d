import { existsSync } from "node:fs";

/**
 * The floors of the packages, and the ESLint rule that enforces them.
 *
 * - A package imports only packages of strictly lower floors: never of a higher floor, never a
 *   sibling on its own floor.
 * - It imports them by name or by an offered subpath (`src/entries`), never by another path inside
 *   them.
 * - Only `engine` imports TensorFlow.js backends, ONNX Runtime and the engine's subpaths (one per
 *   engine). Model code therefore runs on all engines and loads none of them.
 * - Tests may import any package, including the engine they run on, but no internal files of other
 *   packages.
 * - Apps may import any package, but no other app.
 */

/**
 * Package folder names below the families, lowest floor first.
 *
 * This is the only declaration: such a package is entered here (and in `docs/architecture.md`,
 * which a test compares with this list). Every other package is a family, on the top floor.
 *
 * @type {readonly (readonly string[])[]}
 */
export const floors = [
  ["tensor"],
  ["formats", "linear-algebra"],
  ["engine", "report"],
  ["nn", "samplers", "data", "training", "noising"],
  ["energies", "flows", "generators", "evaluation", "diagnosis"],
];

/** The only package that may import backends. */
const BACKEND_OWNER = "engine";

/**
 * Modules that execute tensors: every TensorFlow.js backend, the bundle `@tensorflow/tfjs`, and
 * ONNX Runtime.
 */
export const backendPattern =
  /^(@tensorflow\/tfjs(-backend-[^/]+|-node|-node-gpu|-react-native)?|onnxruntime-[^/]+)(\/|$)/;

/**
 * Whether a package offers a subpath.
 *
 * @param {string} name
 * @param {string} path
 */
function offersSubpath(name, path) {
  return existsSync(new URL(`../../packages/${name}/src/entries/${path}.ts`, import.meta.url));
}

/**
 * The floor of a package, 0 the lowest; -1 for an unknown package.
 *
 * @param {string} name
 * @returns {number}
 */
export function floorOf(name) {
  const listed = floors.findIndex((floor) => floor.includes(name));
  if (listed >= 0) return listed;
  return existsSync(new URL(`../../packages/${name}/package.json`, import.meta.url)) ? floors.length : -1;
}

/**
 * The workspace member that contains a file, or undefined for files outside `packages/` and
 * `apps/`.
 *
 * @param {string} filename
 */
export function locate(filename) {
  const match = /^(.*\/)?(packages|apps)\/([^/]+)\/(.+)$/.exec(filename.replaceAll("\\", "/"));
  if (!match) return undefined;
  const [, , kind, name, inside] = match;
  return {
    kind,
    name,
    inside,
    part: inside.startsWith("src/") ? "src" : inside.startsWith("test/") ? "test" : "other",
  };
}

/**
 * Whether a relative import leaves its package.
 *
 * @param {string} inside path of the importing file in its package
 * @param {string} target a relative import
 */
function leavesPackage(inside, target) {
  let depth = inside.split("/").length - 1;
  for (const step of target.split("/")) {
    if (step === "..") depth -= 1;
    else if (step !== "." && step !== "") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/**
 * The violation of one import, as a message id with its data; undefined when it is legal.
 *
 * @param {string} filename of the importing file
 * @param {string} target the imported module
 * @returns {{ messageId: string, data: Record<string, string> } | undefined}
 */
export function judgeImport(filename, target) {
  const from = locate(filename);
  if (!from || from.part === "other") return undefined;
  const problem = (/** @type {string} */ messageId, extra = {}) => ({
    messageId,
    data: { from: from.name, target, ...extra },
  });

  if (target.startsWith("/") || target.startsWith("file:")) return problem("leaves");
  if (target.startsWith(".")) return leavesPackage(from.inside, target) ? problem("leaves") : undefined;

  const strict = from.part === "src";
  if (strict && from.kind === "packages" && from.name !== BACKEND_OWNER && backendPattern.test(target))
    return problem("backend");

  if (strict && from.kind === "packages" && (target === "ergodic" || target.startsWith("ergodic/")))
    return problem("app");
  const match = /^@ergodic\/([^/]+)(?:\/(.*))?$/.exec(target);
  if (!match) return undefined;
  const [, name, path] = match;
  if (path !== undefined && path !== "package.json" && !offersSubpath(name, path)) return problem("deep", { name });
  if (!strict) return undefined;
  if (from.kind === "packages" && name === BACKEND_OWNER && path !== undefined) return problem("backend");
  if (floorOf(name) < 0) return problem("unknown", { name });
  if (from.kind === "apps") return undefined;
  if (name === from.name) return problem("self", { name });
  const [own, other] = [floorOf(from.name), floorOf(name)];
  if (other > own) return problem("upward", { name });
  if (other === own) return problem("sibling", { name });
  return undefined;
}

/** @type {import("eslint").Rule.RuleModule} */
const rule = {
  meta: {
    type: "problem",
    schema: [],
    docs: { description: "packages import only floors below them, by name" },
    messages: {
      unknown: "'{{target}}' is no package of this workspace; is the name right?",
      upward:
        "'{{from}}' may not import '{{target}}': it stands on a higher floor. Move the shared idea down, or this code up.",
      sibling:
        "'{{from}}' may not import its sibling '{{target}}'. Put what both need on a floor below, or compose them above.",
      self: "'{{from}}' imports itself by name; import its own modules relatively.",
      app: "'{{from}}' may not import the app '{{target}}'; apps stand above all packages.",
      deep: "'{{target}}' reaches into a package; import '@ergodic/{{name}}' or one of its subpaths (src/entries).",
      leaves: "'{{target}}' leaves the package '{{from}}'; import other packages by name, as '@ergodic/...'.",
      backend: "'{{from}}' may not import '{{target}}': only the engine package chooses what executes tensors.",
    },
  },
  create(context) {
    const from = locate(context.filename);
    if (!from || from.part === "other") return {};
    /** @param {import("estree").Node | null | undefined} source */
    const check = (source) => {
      const target = staticString(source);
      const found = target === undefined ? undefined : judgeImport(context.filename, target);
      if (source && found) context.report({ node: source, ...found });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (/** @type {any} */ node) => check(node.source ?? node.argument?.literal),
      TSExternalModuleReference: (/** @type {any} */ node) => check(node.expression),
      CallExpression(node) {
        if (isRequire(node.callee)) check(node.arguments[0]);
      },
    };
  },
};

/**
 * Whether the callee is `require`, `require.resolve` or `import.meta.resolve`.
 *
 * @param {import("estree").Node} callee
 */
function isRequire(callee) {
  if (callee.type === "Identifier") return callee.name === "require";
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return false;
  const { object, property } = callee;
  const loader = (object.type === "Identifier" && object.name === "require") || object.type === "MetaProperty";
  return loader && property.name === "resolve";
}

/**
 * The value of a constant string expression.
 *
 * @param {any} node
 * @returns {string | undefined}
 */
function staticString(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
}

/** The local ESLint plugin with the rule `ergodic/floors`. */
export const floorsPlugin = { meta: { name: "ergodic" }, rules: { floors: rule } };
