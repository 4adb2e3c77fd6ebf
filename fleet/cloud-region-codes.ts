type Coordinates = readonly [latitude: number, longitude: number];

/**
 * Coordinates of public-cloud regions by their code, which cloud providers write to the label `topology.kubernetes.io/region`
 * of nodes: those of the city or county that the provider names as the location of the region.
 */
export const cloudRegionCodes: Readonly<Record<string, Coordinates>> = {
  // AWS
  "af-south-1": [-33.92, 18.42],
  "ap-northeast-1": [35.68, 139.69],
  "ap-northeast-2": [37.57, 126.98],
  "ap-northeast-3": [34.69, 135.5],
  "ap-south-1": [19.08, 72.88],
  "ap-southeast-1": [1.35, 103.82],
  "ap-southeast-2": [-33.87, 151.21],
  "ca-central-1": [45.5, -73.57],
  "eu-central-1": [50.11, 8.68],
  "eu-north-1": [59.33, 18.07],
  "eu-south-1": [45.46, 9.19],
  "eu-west-1": [53.35, -6.26],
  "eu-west-2": [51.51, -0.13],
  "eu-west-3": [48.86, 2.35],
  "sa-east-1": [-23.55, -46.63],
  "us-east-1": [39.04, -77.49],
  "us-east-2": [39.96, -83.0],
  "us-west-1": [37.77, -122.42],
  "us-west-2": [45.84, -119.7],
  // Google Cloud
  "asia-northeast1": [35.68, 139.69],
  "asia-southeast1": [1.35, 103.82],
  "australia-southeast1": [-33.87, 151.21],
  "europe-west1": [50.45, 3.82],
  "europe-west2": [51.51, -0.13],
  "europe-west3": [50.11, 8.68],
  "europe-west4": [53.44, 6.84],
  "southamerica-east1": [-23.55, -46.63],
  "us-central1": [41.26, -95.86],
  "us-east4": [39.04, -77.49],
  "us-west1": [45.6, -121.18],
  // Azure
  australiaeast: [-33.87, 151.21],
  brazilsouth: [-23.55, -46.63],
  francecentral: [48.86, 2.35],
  germanywestcentral: [50.11, 8.68],
  japaneast: [35.68, 139.69],
  northeurope: [53.35, -6.26],
  southeastasia: [1.35, 103.82],
  uksouth: [51.51, -0.13],
  westeurope: [52.37, 4.9],
};
