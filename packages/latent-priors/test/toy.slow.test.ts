import { it } from "vitest";
import { learnThePlane } from "./toy.js";

it("learns the plane on the plain engine too", { timeout: 3_600_000 }, () => learnThePlane("cpu"));
