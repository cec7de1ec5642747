import { generateKeyPairSync, sign } from "node:crypto";

/** A key and a certificate that nobody vouches for, made anew: X.509 version 1, ECDSA on P-256, valid 2020 to 2049, without names. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex"))); // ecdsa-with-SHA256
  const nobody = sequence();
  const validity = sequence(utcTime("200101000000Z"), utcTime("490101000000Z"));
  const serial = der(0x02, Buffer.of(1));
  const signed = sequence(
    serial,
    algorithm,
    nobody,
    validity,
    nobody,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = der(0x03, Buffer.of(0), sign("sha256", signed, privateKey));
  const body = sequence(signed, algorithm, signature).toString("base64");
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  return { key, cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n` };
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const utcTime = (time: string): Buffer => der(0x17, Buffer.from(time));

/** One value in DER: tag, length, content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80
      ? Buffer.of(length)
      : length < 0x100
        ? Buffer.of(0x81, length)
        : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(tag), size, content]);
}
