import { type Samples, wavSamples } from "../audio/wav-samples.ts";
import { answeredModel } from "../calling/answered-model.ts";
import type { Calling } from "../calling/calling.ts";
import type { Exchange } from "../calling/exchange.ts";
import { JsonServer } from "../calling/json-server.ts";
import { serverWords } from "../calling/server-words.ts";
import { v1Url } from "../calling/v1-url.ts";
import { ModelAnswerError, TextToSpeechAuthError, TextToSpeechDownError } from "../errors.ts";
import { type OpenAiTextToSpeechConfig, type RayServeTextToSpeechConfig, TEXT_TO_SPEECH_DEFAULTS } from "./config.ts";
import { openai } from "./openai.ts";
import { rayServe } from "./ray-serve.ts";
import { silent } from "./silent.ts";
import type { SpeakProtocol } from "./speak-protocol.ts";
import type { SpeakOptions, SpokenEnd, TextToSpeech } from "./text-to-speech.ts";

/** A speaker behind HTTP, whose WAV file is read as it comes. */
export class HttpTextToSpeech implements TextToSpeech {
  readonly #server: JsonServer;
  readonly #protocol: SpeakProtocol;
  readonly #timeout_ms: number;
  readonly #usual: { name: string | undefined; backend: string };

  constructor(given: OpenAiTextToSpeechConfig | RayServeTextToSpeechConfig, calling: Calling) {
    const url = given.kind === "openai" ? v1Url(given.url) : given.url;
    const config = { ...TEXT_TO_SPEECH_DEFAULTS, ...given, url };
    const errors = { Down: TextToSpeechDownError, Auth: TextToSpeechAuthError };
    this.#server = new JsonServer({ config, action: "speak a text", ...errors, calling });
    this.#protocol = given.kind === "openai" ? openai(given) : rayServe(given);
    this.#timeout_ms = config.timeout_ms;
    this.#usual = { name: given.kind === "openai" ? given.model : undefined, backend: given.kind };
  }

  async *speak(text: string, { voice, language, ...options }: SpeakOptions): AsyncGenerator<Samples, SpokenEnd, void> {
    const { path, body } = this.#protocol;
    const said = { ...(voice === undefined ? {} : { voice }), ...(language === undefined ? {} : { language }) };
    const exchange = await this.#server.open({ path, body: body(text, said), accept: "audio/wav" }, options);
    try {
      if (!exchange.media_type.startsWith("audio/")) throw await notASound(exchange);
      let is_heard = false;
      for await (const samples of wavSamples(exchange.chunks(), exchange.fault)) {
        is_heard = true;
        exchange.goesWell();
        exchange.pause();
        yield samples;
        exchange.allow(this.#timeout_ms);
      }
      if (!is_heard) throw silent(exchange.fault);
      exchange.isOver();
      return { model: this.#modelOf(exchange) };
    } catch (error) {
      await exchange.end(error);
      throw error;
    } finally {
      await exchange.end();
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    const { path, may_lack } = this.#protocol.probe;
    return this.#server.probe(path, { signal, may_lack });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Sound cannot say which model made it: headers may. */
  #modelOf(exchange: Exchange) {
    const [model, version, backend] = ["x-model", "x-version", "x-backend"].map((name) => exchange.header(name));
    const told = { ...(model ? { model } : {}), ...(version ? { version } : {}), ...(backend ? { backend } : {}) };
    return answeredModel(told, this.#usual);
  }
}

async function notASound(exchange: Exchange) {
  const words = serverWords(await exchange.text());
  return exchange.fault(
    ModelAnswerError,
    `the answer must be "audio/wav": it is "${exchange.media_type}" with "${words}"`,
  );
}
