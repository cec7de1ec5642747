import { listenerLanguage, listenerModel } from "../listener/pocketsphinx.ts";
import { speakerModel, usualVoice } from "../speaker/espeak.ts";

const by = (name: string, url: string) => ({ attribution: { name, url }, installed: true });
const here = by("Gatehouse", "https://github.com/OHF-Voice/wyoming");
const sphinx = by("CMU Sphinx", "https://cmusphinx.github.io");
const espeak = by("eSpeak NG", "https://github.com/espeak-ng/espeak-ng");

/** What `describe` is answered. The programs are called "reference", as nobody should take them for more. */
export const info = {
  asr: [
    {
      name: "reference",
      description: "pocketsphinx, a stand-in",
      version: "1",
      ...here,
      models: [
        {
          name: listenerModel.model,
          description: "English, by telephone-age means",
          version: listenerModel.version,
          languages: [listenerLanguage],
          ...sphinx,
        },
      ],
    },
  ],
  tts: [
    {
      name: "reference",
      description: "espeak-ng, a stand-in",
      version: "1",
      ...here,
      voices: [
        {
          name: usualVoice,
          description: "espeak-ng's American English",
          version: speakerModel.version,
          languages: ["en"],
          speakers: null,
          ...espeak,
        },
      ],
    },
  ],
};
