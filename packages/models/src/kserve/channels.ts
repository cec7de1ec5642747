import { Channel, type ChannelInterface, type ChannelOptions, credentials } from "@grpc/grpc-js";

/** Bytes that may be under way to us on a connection and on each call: HTTP/2's own 64 KiB stalls tensors. */
const WINDOW_BYTES = 16 * 1024 * 1024;

/** Retries are ours; a lost server is looked for again within two seconds; a dead connection is noticed within 25. */
const OPTIONS: ChannelOptions = {
  "grpc-node.flow_control_window": WINDOW_BYTES,
  "grpc.enable_retries": 0,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.use_local_subchannel_pool": 1,
};

/** Which server, and what its messages may be. */
interface ChannelOrder {
  /** `gpu:8001` */
  target: string;
  tls: boolean;
  /** The longest answer. */
  message_bytes: number;
}

/** A share of the connections to one server. */
export interface Channels {
  /** The connection whose turn it is. */
  next(): ChannelInterface;
  /** Gives the share back; with the last one the connections are closed and calls on them fail. Safe to repeat. */
  release(): void;
}

interface Pool {
  channels: readonly ChannelInterface[];
  turn: number;
  shares: number;
}

/** Connections by server: all clients in this process share them, as servers batch what comes over one. */
const POOLS = new Map<string, Pool>();

/** Connections to one server. */
const CONNECTIONS = 2;

/** Takes a share of the process's connections to a server; nothing is connected before the first call. */
export function shareChannels(order: ChannelOrder): Channels {
  const key = JSON.stringify(order);
  const pool = POOLS.get(key) ?? { channels: openChannels(order), turn: 0, shares: 0 };
  POOLS.set(key, pool);
  pool.shares++;
  let released = false;
  return {
    next: () => pool.channels[pool.turn++ % pool.channels.length]!,
    release: () => {
      if (released) return;
      released = true;
      if (--pool.shares > 0) return;
      POOLS.delete(key);
      for (const channel of pool.channels) channel.close();
    },
  };
}

function openChannels({ target, tls, message_bytes }: ChannelOrder): ChannelInterface[] {
  const options = {
    ...OPTIONS,
    "grpc.max_receive_message_length": message_bytes,
  };
  return Array.from(
    { length: CONNECTIONS },
    () => new Channel(target, tls ? credentials.createSsl() : credentials.createInsecure(), options),
  );
}
