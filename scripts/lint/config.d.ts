import type { Linter } from "eslint";

export declare const lintConfig: (types: Linter.ParserOptions) => Linter.Config[];
