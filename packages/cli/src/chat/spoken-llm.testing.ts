import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Inbox } from "../gateway/inbox.ts";

interface Message {
  role: string;
  content: string;
}

/** One answer, which says what the test makes it say. */
interface Speaking {
  /** What the model was told. */
  messages: Message[];
  say(words: string): void;
  end(): void;
  /** Breaks off. */
  die(): void;
  /** Resolves when nobody listens any more. */
  left: Promise<unknown>;
}

/** A model server behind OpenAI's protocol whose words come from the test. */
export class SpokenLlm {
  readonly url: string;
  /** Answers that were asked for, in order. */
  readonly asked = new Inbox<Speaking>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", async (request, response) => {
      if (request.method === "GET") return response.end(JSON.stringify({ object: "list", data: [{ id: "spoken" }] }));
      const { messages } = (await json(request)) as { messages: Message[] };
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      this.asked.push(speaking(messages, response));
    });
  }

  static async start(): Promise<SpokenLlm> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SpokenLlm(server);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function speaking(messages: Message[], response: ServerResponse): Speaking {
  const tell = (fields: object) => response.write(`data: ${JSON.stringify({ model: "spoken", ...fields })}\n\n`);
  return {
    messages,
    say: (content) => void tell({ choices: [{ delta: { content } }] }),
    end() {
      tell({ choices: [{ delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 1, completion_tokens: 3 } });
      response.end("data: [DONE]\n\n");
    },
    die: () => void response.destroy(),
    left: once(response, "close"),
  };
}
