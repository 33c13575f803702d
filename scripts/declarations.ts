/** Checks the types of the workspace and writes the declarations of its packages. */
import { checkedProgram, writeDeclarations } from "./types.js";

writeDeclarations(checkedProgram());
