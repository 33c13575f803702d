/** ESLint alone, as in editors. `npm run check` lints with the program that checks the types. */
import { lintConfig } from "./scripts/lint/config.js";

export default lintConfig({ project: "./scripts/tsconfig.json", tsconfigRootDir: import.meta.dirname });
