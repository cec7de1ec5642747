/** Facts that a prompt about a camera states, however it words them. */
export interface Facts {
  /** Labels with how many of each and the best confidence said of them (null: none said). */
  labels: { name: string; count: number; confidence: number | null }[];
  /** Hour of day of the first time in the prompt, as written there; null when there is none. */
  hour: number | null;
  zones: string[];
  /** Somebody or something is called unknown, unfamiliar, or without a match. */
  unknown: boolean;
  /** A known member or vehicle of the household. */
  known: boolean;
  /** Longest dwell or duration said, seconds. */
  dwell_s: number;
  weapon: boolean;
  fire: boolean;
  /** Largest deviation from the usual that is said, in sigma. */
  deviation_sigma: number;
}

const labelWords = [
  "person",
  "people",
  "car",
  "truck",
  "bus",
  "van",
  "motorcycle",
  "bicycle",
  "dog",
  "cat",
  "bird",
  "package",
  "backpack",
];
const nextThing = new RegExp(`[\\n;}]|\\b(?:${labelWords.join("|")})s?\\b`);
const zoneWords = ["entry_point", "entry point", "driveway", "sidewalk", "yard"];

/** Reads the facts out of free text. What is not said is not guessed. */
export function readFacts(text: string): Facts {
  const lower = text.toLowerCase();
  return {
    labels: labelWords.flatMap((word) => readLabel(lower, word)),
    hour: readHour(lower),
    zones: zoneWords.filter((zone) => lower.includes(zone)).map((zone) => zone.replace(" ", "_")),
    unknown: /\b(unknown|unfamiliar|unidentified|no[ _]match|stranger)\b/.test(lower),
    known:
      /\b(known (person|member|resident|vehicle)|household member|member of the household|recogni[sz]ed as)\b/.test(
        lower,
      ),
    dwell_s: readDwell(lower),
    weapon: /\b(weapon|knife|gun|rifle|pistol)\b/.test(lower),
    fire: /\b(fire|smoke|flames?)\b/.test(lower),
    deviation_sigma: largest(lower, /(\d+(?:\.\d+)?)\s*(?:sigma|σ)/g),
  };
}

function readLabel(text: string, word: string): Facts["labels"] {
  const pattern = new RegExp(`\\b(?:(\\d{1,3})\\s*[x×]?\\s+)?${word}${word === "people" ? "" : "s?"}\\b`, "g");
  const mentions = [...text.matchAll(pattern)].map((match) =>
    readMention(match[1], afterMention(text.slice(match.index + match[0].length))),
  );
  const real = mentions.filter(({ count }) => count > 0);
  if (real.length === 0) return [];
  const confidences = real.flatMap(({ confidence }) => (confidence === null ? [] : [confidence]));
  return [
    {
      name: word === "people" ? "person" : word,
      count: Math.max(...real.map(({ count }) => count)),
      confidence: confidences.length === 0 ? null : Math.max(...confidences),
    },
  ];
}

/** What is said of a label: up to the next label, the line's end or the end of its object, at most 48 characters. */
function afterMention(text: string): string {
  const end = text.search(nextThing);
  return text.slice(0, end < 0 ? 48 : Math.min(48, end));
}

function readMention(before: string | undefined, after: string): { count: number; confidence: number | null } {
  const times = /[x×]\s*(\d{1,3})\b|\bcount\D{0,3}(\d{1,3})\b/.exec(after);
  const share = /(?:^|[^\d.])(0?\.\d+|1\.0+)(?![\d.])/.exec(after);
  const percent = /(\d{1,3})\s*%/.exec(after);
  const count = Number(times?.[1] ?? times?.[2] ?? before ?? 1);
  if (share !== null) return { count, confidence: Number(share[1]) };
  return { count, confidence: percent === null ? null : Math.min(1, Number(percent[1]) / 100) };
}

function readHour(text: string): number | null {
  const iso = /\d{4}-\d{2}-\d{2}[t ](\d{2}):\d{2}/.exec(text) ?? /\b([01]?\d|2[0-3]):[0-5]\d\b/.exec(text);
  if (iso !== null) return Number(iso[1]);
  return /\b(at night|midnight|night[- ]?time)\b/.test(text) ? 23 : null;
}

function readDwell(text: string): number {
  const near = "(?:dwell\\w*|duration|stay\\w*|linger\\w*|loiter\\w*|stood)[^\\d\\n]{0,24}";
  const seconds = largest(text, new RegExp(`${near}(\\d+(?:\\.\\d+)?)\\s*(?:s|sec\\w*)\\b`, "g"));
  const minutes = largest(text, new RegExp(`${near}(\\d+(?:\\.\\d+)?)\\s*(?:m|min\\w*)\\b`, "g"));
  const millis = largest(text, new RegExp(`${near}(\\d+(?:\\.\\d+)?)\\s*ms\\b`, "g"));
  return Math.max(seconds, minutes * 60, millis / 1000);
}

function largest(text: string, pattern: RegExp): number {
  return Math.max(0, ...[...text.matchAll(pattern)].map((match) => Number(match[1])));
}
