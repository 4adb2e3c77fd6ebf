import type { Region } from "./model";

/** Ten regions of a public cloud, with the coordinates of the cities that they are named after. */
export const cloudRegions: readonly Region[] = [
  { name: "dallas", latitude: 32.78, longitude: -96.8 },
  { name: "frankfurt", latitude: 50.11, longitude: 8.68 },
  { name: "london", latitude: 51.51, longitude: -0.13 },
  { name: "madrid", latitude: 40.42, longitude: -3.7 },
  { name: "osaka", latitude: 34.69, longitude: 135.5 },
  { name: "sao-paulo", latitude: -23.55, longitude: -46.63 },
  { name: "sydney", latitude: -33.87, longitude: 151.21 },
  { name: "tokyo", latitude: 35.68, longitude: 139.69 },
  { name: "toronto", latitude: 43.65, longitude: -79.38 },
  { name: "washington-dc", latitude: 38.91, longitude: -77.04 },
];
