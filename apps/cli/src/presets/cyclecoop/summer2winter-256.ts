/** `ergodic train cyclecoop/summer2winter-256` */
import { translationOfPhotos } from "../../preset-parts/translation-photos.js";

export default translationOfPhotos({
  name: "summer2winter_yosemite",
  preset: "summer2winter-256",
  description: "summer to winter",
  a: 1231,
  b: 962,
});
