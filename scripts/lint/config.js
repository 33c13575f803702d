import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";
import { floorsPlugin } from "./floors.js";

const nodeGlobals = Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, "readonly"]));

/**
 * Lint rules of the whole workspace: the recommended sets, promises that are never left unhandled,
 * and the floors.
 *
 * @param types options of the parser that give it the types of TypeScript files
 */
export const lintConfig = (types) =>
  defineConfig(
    { ignores: ["**/dist/", "**/node_modules/", "runs/", "**/.turbo/", "**/coverage/", "**/.venv/"] },
    { linterOptions: { noInlineConfig: true } },
    tseslint.configs.recommended,
    {
      rules: {
        eqeqeq: "error",
        "no-async-promise-executor": "error",
        "no-cond-assign": "error",
        "no-constant-condition": ["error", { checkLoops: false }],
        "no-debugger": "error",
        "no-empty": "error",
        "no-irregular-whitespace": "error",
        "no-loss-of-precision": "error",
        "no-prototype-builtins": "error",
        "no-self-compare": "error",
        "no-sparse-arrays": "error",
        "no-unsafe-finally": "error",
        "no-unsafe-optional-chaining": "error",
        "no-useless-catch": "error",
        "no-useless-escape": "error",
        "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
        "@typescript-eslint/no-explicit-any": "error",
        "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      },
    },
    {
      files: ["{packages,apps}/*/{src,test}/**/*.ts"],
      plugins: { ergodic: floorsPlugin },
      rules: { "ergodic/floors": "error" },
    },
    {
      // Rules that need types. One program over all members is several times faster than one for each.
      files: ["{packages,apps}/*/{src,test}/**/*.ts", "scripts/**/*.ts"],
      ignores: ["scripts/new-family/template/preset.ts"],
      languageOptions: { parserOptions: types },
      rules: {
        "@typescript-eslint/no-floating-promises": "error",
        "@typescript-eslint/no-misused-promises": "error",
      },
    },
    {
      // Plain JavaScript runs under Node: scripts, and experiment files given as examples.
      files: ["**/*.{js,mjs,cjs}"],
      languageOptions: { globals: nodeGlobals },
      rules: { "no-undef": "error" },
    },
  );
