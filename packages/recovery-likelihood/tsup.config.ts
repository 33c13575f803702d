export { libraryBuild as default } from "../../scripts/library-build.js";
