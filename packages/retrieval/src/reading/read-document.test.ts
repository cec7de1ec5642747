import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { type DocumentType, readHere } from "./document-text.ts";
import { pdfOf } from "./pdf.fixture.ts";
import { readDocument } from "./read-document.ts";

const never = new AbortController().signal;
const read = (content: string | Uint8Array, media_type: string, limits = {}) =>
  readDocument(Buffer.from(content), media_type, { signal: never, limits });
const blocksOf = async (content: string | Uint8Array, media_type: DocumentType) =>
  (await readHere(new Uint8Array(Buffer.from(content)), media_type)).blocks;
const textOf = async (content: string | Uint8Array, media_type: DocumentType) =>
  (await blocksOf(content, media_type)).map(({ depth, text }) => "#".repeat(depth) + text);

test("readDocument() reads Markdown by its blocks, with the front matter's title", async () => {
  const markdown =
    "---\ntitle: 'The gate'\ntags: [x]\n---\n# Gate\n\nOpen it\nslowly.\n\n- one\n- two\n  - deep\n\n```sh\n# no heading\ngate open\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<!-- not said -->\n\nCode\n====\n\nend";
  expect((await read(markdown, "text/markdown")).title).toBe("The gate");
  expect(await textOf(markdown, "text/markdown")).toEqual([
    "#Gate",
    "Open it\nslowly.",
    "- one",
    "- two\n  - deep",
    "```sh\n# no heading\ngate open\n```",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "#Code",
    "end",
  ]);
});

test("readDocument() reads HTML as it is seen", async () => {
  const html = `<!doctype html><html><head><title>House &amp; garden</title><style>p{}</style></head><body>
    <nav><a href=/>Home</a></nav><h1>Gate</h1><h2></h2><ul><li></ul><p>Open   it<br>slowly, <b>please</b>.</p><script>alert("x")</script>
    <ul><li>one<li><p>two</p></ul><table><tr><th>code<td>4711</tr></table><pre>a
      b</pre><div>&lt;not a tag&gt; caf&eacute;<p>unclosed</body>`;
  expect((await read(html, "text/html")).title).toBe("House & garden");
  expect(await textOf(html, "text/html")).toEqual([
    "#Gate",
    "Open it\nslowly, please.",
    "- one",
    "- two",
    "- code | 4711",
    "a\n      b",
    "<not a tag> café",
    "unclosed",
  ]);
});

test("readDocument() reads a PDF page by page, by its paragraphs", async () => {
  const pdf = pdfOf(["The boiler (gas)\nis restar-\nted by hand.\n\nHold the red button.", "Page two"], {
    title: "Boiler",
  });
  expect(await read(pdf, "application/pdf")).toMatchObject({ title: "Boiler" });
  expect(await textOf(pdf, "application/pdf")).toEqual([
    "The boiler (gas)\nis restarted by hand.",
    "Hold the red button.",
    "Page two",
  ]);
});

test("readDocument() reads plain text by its paragraphs, whatever ends its lines, in UTF-8 and UTF-16", async () => {
  const text = "One\r\ntwo\r\n \r\nthree é 鍵";
  const wanted = ["One\ntwo", "three é 鍵"];
  expect(await textOf(text, "text/plain")).toEqual(wanted);
  expect(await textOf(`\ufeff${text}`, "text/plain")).toEqual(wanted);
  expect(await textOf(Buffer.from(`\ufeff${text}`, "utf16le"), "text/plain")).toEqual(wanted);
});

test("readDocument() gives no characters that Postgres cannot keep", async () => {
  expect(await textOf("a\0b\u0007c\td", "text/plain")).toEqual(["abc\td"]);
  expect(await textOf("<p>a&#xd800;b&#0;</p>", "text/html")).toEqual(["a\ufffdb\ufffd"]);
});

test.each<[string, string | Uint8Array, string, string]>([
  ["a picture", Buffer.from("\x89PNG"), "image/png", "UNSUPPORTED_DOCUMENT"],
  ["a type that is none", "x", "__proto__", "UNSUPPORTED_DOCUMENT"],
  ["a PDF that is text", "hello", "application/pdf", "UNSUPPORTED_DOCUMENT"],
  ["text that is a PDF", pdfOf(["x"]), "text/plain", "UNSUPPORTED_DOCUMENT"],
  ["text that is not UTF-8", Buffer.from([0x61, 0xff, 0xfe, 0x62]), "text/markdown", "UNSUPPORTED_DOCUMENT"],
  ["an empty file", "", "text/plain", "DOCUMENT_EMPTY"],
  ["nothing but marks", "# \n\n---\n\n…", "text/markdown", "DOCUMENT_EMPTY"],
  ["a page of scripts", "<script>word</script><style>word</style>", "text/html", "DOCUMENT_EMPTY"],
  ["a PDF without text", pdfOf([""]), "application/pdf", "DOCUMENT_EMPTY"],
  ["33 MB", Buffer.alloc(33 * 1024 * 1024, "word "), "text/plain", "DOCUMENT_TOO_LARGE"],
  ["17 million characters", Buffer.alloc(17 * 1024 * 1024, "word "), "text/plain", "DOCUMENT_TOO_LARGE"],
  ["a PDF that is cut off", pdfOf(["x"]).subarray(0, 60), "application/pdf", "DOCUMENT_UNREADABLE"],
  ["a PDF of garbage", `%PDF-1.7\n${"\0\x01".repeat(10_000)}`, "application/pdf", "DOCUMENT_UNREADABLE"],
])("readDocument() refuses %s, for good", async (_, content, media_type, code) => {
  await expect(read(content, media_type)).rejects.toMatchObject({ code, retry: "never" });
});

test.each<[string, string, string]>([
  ["a million open elements", "<div>".repeat(1_000_000), "text/html"],
  ["a million elements closed wrongly", `${"<div>".repeat(300_000)}${"</p><span>".repeat(300_000)}`, "text/html"],
  ["an attribute of 10 MB", `<p title="${"x".repeat(10_000_000)}">word</p>`, "text/html"],
  ["a million quotes in each other", ">".repeat(1_000_000), "text/markdown"],
  [
    "three thousand lists in each other",
    Array.from({ length: 3_000 }, (__, i) => `${"  ".repeat(i)}- a`).join("\n"),
    "text/markdown",
  ],
  ["a million brackets", "[".repeat(1_000_000), "text/markdown"],
  ["a million stars", "*a_ ".repeat(500_000), "text/markdown"],
  ["a table of a million cells", `|a|b|\n|-|-|\n${"|".repeat(1_000_000)}`, "text/markdown"],
])("readDocument() ends with %s, by reading or refusing it", async (_, content, media_type) => {
  const [outcome] = await Promise.allSettled([read(`word ${content}`, media_type, { timeout_ms: 1_500 })]);
  if (outcome.status === "rejected")
    expect(outcome.reason).toMatchObject({ code: "DOCUMENT_UNREADABLE", retry: "never" });
  else expect(outcome.value.passages.length).toBeGreaterThan(0);
});

test("readDocument() splits below a heading of any length without asking more memory than a reader may take", async () => {
  const content = `# ${"huge ".repeat(1_600_000)}\n\n${"A word of it.\n\n".repeat(500)}`;
  const { title, passages } = await read(content, "text/markdown");
  expect(title).toHaveLength(256);
  expect(passages.join(" ").split("huge").length).toBeGreaterThan(1_600_000);
  expect(passages.at(-1)).toContain("A word of it.");
});

test("readDocument() puts passages under the title that it is given, else under the document's own", async () => {
  const content = Buffer.from("# Gate\n\nOpen it.");
  const own = { title: "Gate", passages: ["Gate\n\nOpen it."] };
  expect(await readDocument(content, "text/markdown", { signal: never })).toEqual(own);
  const given = { title: "Gate", passages: ["Manual > Gate\n\nOpen it."] };
  expect(await readDocument(content, "text/markdown", { signal: never, title: "Manual" })).toEqual(given);
});

test("readDocument() ends a PDF that unpacks to a thousand times its size, before it has the memory", async () => {
  const bomb = deflateSync(Buffer.alloc(800 * 1024 * 1024), { level: 9 });
  const before = process.memoryUsage().rss;
  const pdf = pdfOf(["x"], { streams: [bomb] });
  await expect(read(pdf, "application/pdf", { memory_mb: 128 })).rejects.toMatchObject({ code: "DOCUMENT_UNREADABLE" });
  expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(1_500);
});

test("readDocument() ends a reader that takes too long, and one that is not wanted any more", async () => {
  const slow = `${"<div>".repeat(300_000)}${"</p><span>".repeat(300_000)}`;
  await expect(read(slow, "text/html", { timeout_ms: 1 })).rejects.toMatchObject({ code: "DOCUMENT_UNREADABLE" });
  const caller = new AbortController();
  const asked = readDocument(Buffer.from(slow), "text/html", { signal: caller.signal });
  caller.abort(new Error("not wanted any more"));
  await expect(asked).rejects.toThrow("not wanted any more");
  const signal = AbortSignal.abort(new Error("too late"));
  await expect(readDocument(Buffer.from("x"), "text/plain", { signal })).rejects.toThrow("too late");
});
