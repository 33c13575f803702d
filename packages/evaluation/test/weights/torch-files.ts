/**
 * Files written by PyTorch 2.13, gzip-compressed:
 *
 *   w = torch.arange(24.).reshape(2, 3, 1, 4)
 *   d = {"a.conv.weight": w.permute(3, 2, 0, 1), "a.bn.num_batches_tracked": torch.tensor(7),
 *        "b": torch.tensor([0.5, -1.5]), "c": torch.arange(6.)[2:5],
 *        "scalar": torch.tensor(2.5, dtype=torch.float64)}
 *   m = torch.nn.BatchNorm1d(2); m.running_mean[:] = torch.tensor([1., 2.])
 *   s = m.state_dict(); s["w"] = d["a.conv.weight"]
 *   class Evil:
 *       def __reduce__(self): return (os.system, ("touch /tmp/owned",))
 */
import { gunzipSync } from "node:zlib";

const file = (base64: string): Uint8Array => new Uint8Array(gunzipSync(Buffer.from(base64, "base64")));

/** `torch.save(d, file, _use_new_zipfile_serialization=False)` */
export const legacy = file(
  "H4sIABT5AWsC/4WSO2/TUBTHrx9JwLQlvFOe4e2AZCUhaZ2JVKq6XCitWbwg49xcxQZj59jXQSBVyhKpZWJkYOjYkZENPgorHwGJgeOkjVIUxJV/fpx7zv88fIfyBy34/XnjV/nVwdayMZSf/lTwvgNEt4uEkH4ciYhFgTPgceJHIUjoYC/iTuALEXCHh13fDUHetTU0ind97iT+e56AsgOqbufQmHhRLCBHZVvBLz8UkKeqrWYaUdiDAlXT9ChnpuwaLAoHxlvu9zwBEhNRzDzDSYUfJJoT807qB11H8DCJYmdQ10DWdbuQJUJPt8dBmYRoG0HkiucTowaqvYQ+rUa9aZqthtls1lsrkBvXxPop1lTaFFDYpkSnKpWoTBUBJ3R8U+kCVQWc3GM4iIAzgXNItGdxl8e8u+4zoYFWseCUgAULFu3SuIVOaITpG6fjCubxxBGxy17zLix5WKx3VOAT7H9a3+mZ+qpmtbXSbDSg6OWphHWdwboqlT0vS3RWwDkLztsSunfgwkTRU/8KX62ZDbiI4TKGX8JwKo+gRKURLE9kLgu4YsHVsQyDa/+SMesNuI4yeZS5sZ2NZQTlTObmROaWgNsW3LHz2Q9gbuDGcPdYk+tR2gn4tM17xxLUVmuPanW4f9imPtNmRcADCx5mR+NFdjTmTEea17M8rwNlXtb5J4Ib2USyVTh8ymS6HhPy/VuezK4h2kgbL2SI7LelY/tqu/Qff9REfiBkjZAiUkaqSBvZQl4ifWSI7CIfkU/IPnKAfEG+rv0B1F8DTs0DAAA=",
);

/** `torch.save(s, file)` */
export const zipped = file(
  "H4sIABT5AWsC/8VWS4/bVBS+cTKeNBPm0UJnOpRpaXlkoM3EcV4uj+lEKBIyEmkQksXG4zgmsepx5tg3GUCqNAKNBLuK1bBB3SCxZAdixV8oEhtUCSRWbGDHhg3n2mlq3zIPkgU3+eTIud93vnN9z7luqskUIek0eWwskrPE8MyePbQ2OgY18ru3nUZ9nrwXG/uCafYdxzKp3Xf9zNtex/Kszhu2STNA1luQyGkiiu1ZdrdHQTBpHyXz+oDajp/RPas9sJ2OTi3X73v6sJiBZC6nzSLDx5lG14JUSMk0nL5B3wlvZmBGS+CcAohaEq/m7gBmVYFC+pZKVOEAzqiJA8h81mMO5ihkW/CEhmmStm34MN/DGL1UL9SQYKEXcBdH3CXGPRtyz1F4sgVPaVmc6A1c13a7+o5luHA+plGE5VBjZaRxgWmshhpPU7jYgme0uYjG0PBgLSYhw6VQ4vJI4lkmcSWUuErhuRY8r53Die5gR28b1OxZvk49w7xtdeCFUGq0Um/13e54oV4M1EuQQ/UEhXVUX18PVV+i8HILrgUT9uB6zE4Z8khYobCBhJyaUhOqoCYpFHL4K6Vm1RQFKZQpUpBbUBrcgbJ2Bqm4QNRgGwYqwf9Vje0mqN0BJXiwQ8vzca/ADVXwfb+db6qz6b+++OPnukAIQ/PIHblMlPGOzL/f93YMqo/UGvUytzFPOSQW/ts/H3zCsmY4OvwqqT4KP9qeuuHYXXfHcmmjLk/ioFJiBjb34HdMnQjHGlgim2MD7Q+p1WfF1qi/Mlnm4XBsSh2LeTh47bcLrFTFYz3Mk9djXWGj0KjfmMIAIfubDMzB3VviTyxk+gQHr8YdSI16jUwePxwsvv3LFWuC+MXp4rP8yU0Wf/jVZn6C+PL08ada/9L/vP7l6eOHzwC/iH3EPcQPiF8RZAvPQsRlRAFxE9FEbCN2EfuITxF3EYeIe4ivEd8gvttieX289cDdRqHtY/NaIFfHeY272qWTEpMzLML9L7vvntw/1kjxUQMLls63PBs72EcGO711u9Oo5//jSkrFSq1cqcpKRamU8FOsSFKhKpVqclkpKdVySVZkpabIzGXi4vdv5tBHLnCZYGbHPqMnwOJjzvn3EJ4dbeDLMebnAjnqzOBFok14Nd54k+SYzs/rRBvpUtxMRGfcwHl6tArnY/TzKcL1Xp4braA495DnSjw32n3i3JUZjls8vedDniuf3vOKyHFLPDdaWVxcnlvmudGaWYhxd2cJX4k8ObqV12LkHyPkfy+ypiqK1x6WZPL6mJnlrn8L4fWD9MMWKbL3J+LPjTwE92bEkJMN5odz/wHaXzVJ1QsAAA==",
);

/** `torch.save({"a": Evil()}, file)`, and in the old layout */
export const evilZipped = file(
  "H4sIABT5AWsC/wvwZmZhYODgYMAAAgxCDIlFyRmZZan6KYkliXoF2TluTnwMUSiggam2kCGCEag+sZAxuSC/OLOCq7iyuCQ1l6uQKUIAKF6SX5qcoaBfklugn1+el5pSyNxayBJUyFqsF+DNznHz5AQ9G6AqEA7A6RZxBnu4W/TS8otyE0viy1KLijPz89ycrNGcRBIwBDli+/s7zSAvMOJ1hBSDOcIRxSX5RYnpqfGJOZnpebmpeSVuTsbkuMPMBOQA+/LCl0xAK5jwOkAQKRSSKktS84tSUoso9H9OZklJTirIDa22jyXZgLaw4XUDP4Mt3A3wGLAk3wXGXCC7L85LDyXsfzkGI0QEgJKkfnFqUSYwBqoSS4DuiM9McXPSI9EpBkaWBhYmZhZm5ubmZkaWRsaGBiYGBgamFpZmhubmloYGQNrA0sAc5MrCo13/NIDu0AC7khHkWLg7kdOxAIbL0fMRum7kBCiOorMHSTdaykc3BDkRSaEmHEYGPCkX3RzkhCCIYs4kJHPgCRBdO3Jc8qNoF2NiQE876JqRg1gO1W4kzdgjP8CbjU0HllSYdeE62dDoyYwQ2oIZQgP1sYPo0ywQPqQUYGWD6GEDq4eoBQBMtjmJLQUAAA==",
);
export const evilLegacy = file(
  "H4sIABT5AWsC/yWOMQrCQBBFN5uNQkCwtbNMZW5hEwSx2kZCiItZSXYy2YkaQUgjiGfwAF7NIwgWrtoMzPt//p+e38LyfZ+/prvHcjLr+eLpu3lGFskxY6xugCCHMt2rxmow6DmDHDml1ESlSpXZ6Mwgv8rQQepqlVp9Uhb9M4pIBg7aAhrCIOHSd5s2hINESPHNALPFYSLa9t8pPQcz9PIarD6GtrOkqhD57xWCNi+mMVV1DAejNuhfUKwwsO52jWz2Aezjd7/LAAAA",
);
