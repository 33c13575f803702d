import type { ESLint } from "eslint";

export declare const floors: readonly (readonly string[])[];
export declare const backendPattern: RegExp;
export declare function floorOf(name: string): number;
export declare function locate(
  filename: string,
): { kind: string; name: string; inside: string; part: "src" | "test" | "other" } | undefined;
export declare function judgeImport(
  filename: string,
  target: string,
): { messageId: string; data: Record<string, string> } | undefined;
export declare const floorsPlugin: ESLint.Plugin;
