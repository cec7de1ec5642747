import { deflateSync } from "node:zlib";

/** A PDF of these pages, a line of text each; `streams` replaces the pages' contents, already compressed. */
export function pdfOf(pages: readonly string[], { title = "", streams = [] as Uint8Array[] } = {}): Uint8Array {
  const objects: Uint8Array[] = [];
  const add = (text: string | Uint8Array) => objects.push(Buffer.from(text));
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(" ");
  add("<< /Type /Catalog /Pages 2 0 R >>");
  add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  for (const [i, page] of pages.entries()) {
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
    );
    const content = streams[i] ?? deflateSync(`BT /F1 12 Tf 14 TL 72 720 Td ${shown(page)} ET`);
    const head = `<< /Length ${content.length} /Filter /FlateDecode >>\nstream\n`;
    add(Buffer.concat([Buffer.from(head), content, Buffer.from("\nendstream")]));
  }
  add(`<< /Title (${title}) >>`);
  return written(objects);
}

/** Lines of text, one below the other; an empty one leaves a gap. */
const shown = (page: string): string =>
  page
    .split("\n")
    .map((line) => `(${line.replace(/[\\()]/g, "\\$&")}) Tj T*`)
    .join(" ");

function written(objects: readonly Uint8Array[]): Uint8Array {
  const parts = [Buffer.from("%PDF-1.7\n")];
  const places: number[] = [];
  let length = parts[0]!.length;
  for (const [i, object] of objects.entries()) {
    const part = Buffer.concat([Buffer.from(`${i + 1} 0 obj\n`), object, Buffer.from("\nendobj\n")]);
    places.push(length);
    parts.push(part);
    length += part.length;
  }
  const rows = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${length}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(table + trailer)]);
}
