/** `ergodic train latent-diffusion/ring` */
import { planeDiffusion } from "../../preset-parts/latent-diffusion-plane.js";

export default planeDiffusion("ring");
