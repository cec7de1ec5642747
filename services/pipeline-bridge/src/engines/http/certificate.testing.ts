import { generateKeyPairSync, sign } from "node:crypto";

/** A key and a certificate of 127.0.0.1 that vouches for itself, made anew: X.509 version 3, ECDSA on P-256, 2020 to 2049. */
export function certificateOfLoopback(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex"))); // ecdsa-with-SHA256
  const validity = sequence(der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231000000Z")));
  const common_name = sequence(der(0x06, Buffer.from("550403", "hex")), der(0x0c, Buffer.from("engine")));
  const name = sequence(der(0x31, common_name));
  const address = sequence(der(0x87, Buffer.of(127, 0, 0, 1)));
  const alternative = sequence(der(0x06, Buffer.from("551d11", "hex")), der(0x04, address));
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(alternative)),
  );
  const signature = der(0x03, Buffer.of(0), sign("sha256", signed, privateKey));
  const body = sequence(signed, algorithm, signature).toString("base64");
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  return { key, cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n` };
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);

/** One value in DER: tag, length, content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? Buffer.of(length) : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(tag), size, content]);
}
