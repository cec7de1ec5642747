import sharp from "sharp";

/** A person-shaped figure, 80 x 280, on a plain wall of 640 x 480: `left` from the left, 120 from the top. */
export function figure(left = 280): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="100%" height="100%" fill="#a8b2a0"/>
    <g transform="translate(${left} 120)"><circle cx="40" cy="25" r="25" fill="#d0a080"/><rect y="50" width="80" height="110" fill="#304a90"/>
    <rect x="6" y="160" width="28" height="120" fill="#222"/><rect x="46" y="160" width="28" height="120" fill="#222"/></g></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer();
}
