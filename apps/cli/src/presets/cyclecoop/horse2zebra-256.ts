/** `ergodic train cyclecoop/horse2zebra-256` */
import { translationOfPhotos } from "../../preset-parts/translation-photos.js";

export default translationOfPhotos({
  name: "horse2zebra",
  preset: "horse2zebra-256",
  description: "horses to zebras",
  a: 1067,
  b: 1334,
});
