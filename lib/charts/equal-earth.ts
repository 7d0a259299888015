/**
 * The Equal Earth projection (Šavrič, Patterson, Jenny 2018): areas are true, and the world looks
 * like the world. Here with the Bering Strait at its edge, so that no land is torn apart.
 */

const A1 = 1.340264;
const A2 = -0.081106;
const A3 = 0.000893;
const A4 = 0.003796;
const ROOT = Math.sqrt(3) / 2;

/** The meridian in the middle, degrees east. */
export const CENTRAL_MERIDIAN = 11;

/** From degrees to earth radii: x to the east, y to the south, both 0 in the middle of the map. */
export function equalEarth(latitude: number, longitude: number): readonly [x: number, y: number] {
  const lambda = radians(centred(longitude - CENTRAL_MERIDIAN));
  const theta = Math.asin(ROOT * Math.sin(radians(latitude)));
  const theta2 = theta * theta;
  const theta6 = theta2 * theta2 * theta2;
  const x =
    (lambda * Math.cos(theta)) /
    (ROOT * (A1 + 3 * A2 * theta2 + theta6 * (7 * A3 + 9 * A4 * theta2)));
  const y = theta * (A1 + A2 * theta2 + theta6 * (A3 + A4 * theta2));
  return [x, -y];
}

/** Between -180 and 180. */
function centred(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
