import { type Answer, bodyOf, json, startTestServer } from "../calling/test-server.ts";

/** A form as a server got it: its texts, and its files' names, types and bytes. */
export type SentForm = Record<string, unknown>;

/** Starts a server that answers every form with `body`, and keeps them. */
export async function startFlorence(body: unknown) {
  const forms: SentForm[] = [];
  const answer: Answer = async (request, response) => {
    const headers = { "content-type": request.headers["content-type"]! };
    const form = await new Response((await bodyOf(request)) as Uint8Array<ArrayBuffer>, { headers }).formData();
    const fields: SentForm = { url: request.url };
    for (const [name, value] of form) fields[name] = typeof value === "string" ? value : [value.name, value.type];
    forms.push(fields);
    json(response, body);
  };
  return { ...(await startTestServer(answer)), forms };
}

export const picture = { bytes: Uint8Array.of(1, 2, 3), media_type: "image/png", width: 200, height: 100 };
