import { atMost, type Report, shown } from "../measure/report.ts";
import { ratios, type Spread, spread } from "../measure/spread.ts";
import { SIDES, type Side } from "./wire.ts";

/** What one turn of a side took: milliseconds, and microseconds of CPU per token by process. */
export interface Sample {
  first_p50: number;
  first_p99: number;
  token_p50: number;
  token_p99: number;
  cpu_us: Record<string, number>;
  foreign_cores: number;
}

/** All turns with so many callers at once, round by round. */
export interface Samples extends Record<Side, Sample[]> {
  callers: number;
}

type Time = "first_p50" | "first_p99" | "token_p50" | "token_p99";

/** What a side adds to asking the model itself, round by round. */
const added = (samples: Samples, side: Side, what: Time): number[] =>
  samples[side].map((sample, round) => sample[what] - samples.direct[round]![what]);

const sum = ({ cpu_us }: Sample): number => Object.values(cpu_us).reduce((all, us) => all + us, 0);

export function reportChat(found: readonly Samples[]): Report {
  const most = found.at(-1)!;
  const { callers } = most;
  const first = (side: Side): number[] => added(most, side, "first_p50");
  return {
    bench: "chat",
    about:
      "an answer of 50 tokens/s: from the question on the bus to the reader's WebSocket; each part a process of its own",
    table: [
      ["", "", "first p50 ms", "p99 ms", "added p50", "token p50 ms", "p99 ms", "added p50", "CPU us/token", "of that"],
      ...found.flatMap((samples) => SIDES.map((side) => row(samples, side))),
    ],
    goals: [
      atMost(
        `first token, p50, added by ours / by the relay, ${callers} at once`,
        ratios(first("ours"), first("relay")),
        3,
      ),
      atMost(`first token, p50 ms, added by ours, ${callers} at once`, spread(first("ours")), 5),
      atMost(`CPU per token, ours / relay, ${callers} at once`, ratios(most.ours.map(sum), most.relay.map(sum)), 1),
    ],
    notes: [
      "relay: each token a message of its own on a stream, an ordered consumer, a WebSocket; no history, order, fencing, keys or rights",
      "token: from its being said by the model until it is read; ours gathers for 25 ms after the first",
      "CPU: of all processes but the model's, the reader's too; the broker also serves what idles meanwhile",
    ],
    foreign_cores: spread(found.flatMap((samples) => SIDES.flatMap((side) => samples[side].map(foreignOf)))),
  };
}

const foreignOf = ({ foreign_cores }: Sample): number => foreign_cores;

function row(samples: Samples, side: Side): string[] {
  const of = (what: Time): Spread => spread(samples[side].map((sample) => sample[what]));
  const more = (what: Time): string => (side === "direct" ? "" : shown(spread(added(samples, side, what)), 1));
  const names = Object.keys(samples[side][0]?.cpu_us ?? {});
  const parts = names.map(
    (name) => `${name} ${Math.round(spread(samples[side].map(({ cpu_us }) => cpu_us[name]!)).median)}`,
  );
  return [
    side === "direct" ? `${samples.callers} at once` : "",
    side,
    shown(of("first_p50"), 1),
    shown(of("first_p99"), 1),
    more("first_p50"),
    shown(of("token_p50"), 1),
    shown(of("token_p99"), 1),
    more("token_p50"),
    shown(spread(samples[side].map(sum))),
    parts.join(", "),
  ];
}
