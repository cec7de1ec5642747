import { expect, test } from "vitest";
import { findDocument, putDocument, settleDocument } from "./documents.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

test("putDocument() leaves a document alone that did not change, with the title that was read in it", async () => {
  const { db } = await setup();
  const put = (body: string, title: string | null = null) =>
    db.transaction((tx) => {
      const document = { collection: "documents", uri: "file:///gate.md", title, media_type: "text/markdown" };
      return putDocument(tx, { ...document, body: Buffer.from(body), user_id: null });
    });
  const { document_id } = await put("# Gate");
  const { sha256 } = (await findDocument(db, document_id))!;
  await db.transaction((tx) => settleDocument(tx, { document_id, sha256 }, { state: "indexing", title: "Gate" }));
  expect(await put("# Gate")).toEqual({ document_id, state: "indexing", unchanged: true });
  expect(await findDocument(db, document_id)).toMatchObject({ title: "Gate" });
  expect(await put("# Gate", "The gate")).toMatchObject({ state: "waiting", unchanged: false });
  expect(await put("# Door")).toMatchObject({ state: "waiting", unchanged: false });
  expect(await findDocument(db, document_id)).toMatchObject({ title: null });
});
