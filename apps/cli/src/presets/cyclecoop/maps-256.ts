/** `ergodic train cyclecoop/maps-256` */
import { translationOfPhotos } from "../../preset-parts/translation-photos.js";

export default translationOfPhotos({
  name: "maps",
  preset: "maps-256",
  description: "aerial photographs to maps",
  a: 1096,
  b: 1096,
});
