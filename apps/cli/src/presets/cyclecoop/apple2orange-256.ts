/** `ergodic train cyclecoop/apple2orange-256` */
import { translationOfPhotos } from "../../preset-parts/translation-photos.js";

export default translationOfPhotos({
  name: "apple2orange",
  preset: "apple2orange-256",
  description: "apples to oranges",
  a: 995,
  b: 1019,
});
