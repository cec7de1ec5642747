import { wholeOutput } from "../programs/run-program.ts";

/** A line of text in a picture. */
export interface ReadLine {
  text: string;
  /** Pixels of the sent picture. */
  box: { x: number; y: number; width: number; height: number };
}

/** A word's place in tesseract's table. */
const [LEVEL, LEFT, TOP, WIDTH, HEIGHT, TEXT] = [0, 6, 7, 8, 9, 11] as const;
const LINE = "4";
const WORD = "5";

/**
 * Reads the text in a picture with tesseract, English, sparse: lines in any order.
 * @throws {ProgramMissingError} tesseract is not installed
 */
export async function readText(picture: Uint8Array, signal: AbortSignal): Promise<ReadLine[]> {
  const table = await wholeOutput(
    {
      program: "tesseract",
      args: ["stdin", "stdout", "-l", "eng", "--psm", "11", "tsv"],
      input: picture,
      timeout_ms: 60_000,
      most_output_bytes: 8 * 1024 * 1024,
      gives: "reader of texts",
      debian_packages: ["tesseract-ocr"],
    },
    signal,
  );
  return linesOf(table.toString("utf8"));
}

/** @see https://tesseract-ocr.github.io/tessdoc/Command-Line-Usage.html (tsv) */
function linesOf(table: string): ReadLine[] {
  const lines: ReadLine[] = [];
  for (const row of table.split("\n").map((line) => line.split("\t"))) {
    if (row[LEVEL] === LINE) {
      const [x, y, width, height] = [LEFT, TOP, WIDTH, HEIGHT].map((column) => Number(row[column]));
      lines.push({ text: "", box: { x: x!, y: y!, width: width!, height: height! } });
    }
    const word = row[LEVEL] === WORD ? row[TEXT]?.trim() : "";
    const line = lines.at(-1);
    if (word && line) line.text = line.text ? `${line.text} ${word}` : word;
  }
  return lines.filter(({ text }) => text !== "");
}
