/** `ergodic train latent-diffusion/grid` */
import { planeDiffusion } from "../../preset-parts/latent-diffusion-plane.js";

export default planeDiffusion("grid");
