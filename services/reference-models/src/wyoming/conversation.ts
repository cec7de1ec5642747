import { once } from "node:events";
import type { Socket } from "node:net";
import { describeError } from "@gatehouse/errors";
import {
  ByteReader,
  compileEventChecks,
  encodeEvent,
  type Fault,
  readEvent,
  type WyomingEvent,
  wavSamples,
} from "@gatehouse/models";
import type { DoorParts } from "../doors/door-parts.ts";
import { BadRequestError } from "../errors.ts";
import { type Fate, fateOf } from "../failing.ts";
import type { DoorFailures } from "../failures.ts";
import { listenAsSwitched } from "../listener/listen-as-switched.ts";
import { listenerLanguage } from "../listener/pocketsphinx.ts";
import { spoken } from "../speaker/espeak.ts";
import { speakAsSwitched } from "../speaker/speak-as-switched.ts";
import { HeardSpeech } from "./heard-speech.ts";
import { info } from "./info.ts";

/** The most that one connection may send, in bytes. */
const MOST_BYTES = 64 * 1024 * 1024;
const checks = compileEventChecks();
const fault: Fault = (_, reason) => new BadRequestError(`Cannot read the events as ${reason}`);

/** One connection of the Wyoming protocol. */
export class Conversation {
  readonly #socket: Socket;
  readonly #parts: DoorParts;
  readonly #gone = new AbortController();
  #heard = new HeardSpeech();

  constructor(socket: Socket, parts: DoorParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.once("close", () => this.#gone.abort());
  }

  /** Answers until the client leaves; what it does wrong is told and ends the connection. */
  async run(): Promise<void> {
    try {
      const bytes = new ByteReader(this.#socket, { fault, most_bytes: MOST_BYTES });
      for (;;) {
        const event = await readEvent(bytes, { checks, fault });
        if (!event) break;
        await this.#answer(event);
      }
      this.#socket.end();
    } catch (error) {
      const { code, message } = describeError(error);
      if (this.#socket.writable) this.#socket.end(encodeEvent({ type: "error", data: { text: message, code } }));
    }
  }

  async #answer({ type, data, payload }: WyomingEvent): Promise<void> {
    if (type === "describe") await this.#send({ type: "info", data: info });
    if (type === "ping") await this.#send({ type: "pong", data });
    if (type === "audio-start") this.#heard = new HeardSpeech();
    if (type === "audio-chunk") this.#heard.add(data, payload);
    if (type === "audio-stop") await this.#as(this.#parts.failures.transcribe, () => this.#transcribe());
    if (type === "synthesize") await this.#as(this.#parts.failures.speak, () => this.#speak(data));
  }

  async #transcribe(): Promise<void> {
    const { text } = await listenAsSwitched(this.#heard.whole(), this.#parts.failures.transcribe, this.#gone.signal);
    await this.#send({ type: "transcript", data: { text, language: listenerLanguage } });
  }

  async #speak({ text, voice }: Record<string, unknown>): Promise<void> {
    const { name, language } = (voice ?? {}) as Record<string, unknown>;
    const made = speakAsSwitched(spoken(text, name ?? language), this.#parts.failures.speak, this.#gone.signal);
    let format: object | null = null;
    for await (const { bytes, format: heard } of wavSamples(made, fault)) {
      const begun = format !== null;
      format = { rate: heard.sample_rate_hz, width: 2, channels: heard.channels };
      if (!begun) await this.#send({ type: "audio-start", data: { ...format } });
      await this.#send({ type: "audio-chunk", data: { ...format }, payload: bytes });
    }
    await this.#send({ type: "audio-stop", data: {} });
  }

  /** Works as the switches of a door let it. */
  async #as(switches: DoorFailures, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#gone;
    const fate: Fate = await fateOf(switches, { random: this.#parts.random, signal });
    if (fate === "worked on") return work();
    if (fate === "garbage") this.#socket.write("\u0000<<<not json\n");
    if (fate === "hangs" && !signal.aborted) await once(signal, "abort");
  }

  async #send(event: WyomingEvent): Promise<void> {
    const { signal } = this.#gone;
    if (signal.aborted || this.#socket.write(encodeEvent(event))) return;
    await once(this.#socket, "drain", { signal }).catch(() => undefined);
  }
}
