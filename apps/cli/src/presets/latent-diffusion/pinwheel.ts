/** `ergodic train latent-diffusion/pinwheel` */
import { planeDiffusion } from "../../preset-parts/latent-diffusion-plane.js";

export default planeDiffusion("pinwheel");
