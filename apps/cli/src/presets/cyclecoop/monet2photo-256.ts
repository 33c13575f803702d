/** `ergodic train cyclecoop/monet2photo-256` */
import { translationOfPhotos } from "../../preset-parts/translation-photos.js";

export default translationOfPhotos({
  name: "monet2photo",
  preset: "monet2photo-256",
  description: "paintings of Monet to photographs",
  a: 1072,
  b: 6287,
});
