import { checkUserDataSize, MAX_USER_DATA_BYTES } from "../../../fleet/k3s/cloud-config";

test("rejects user data that EC2 would not accept", () => {
  const fits = "a".repeat(MAX_USER_DATA_BYTES);
  expect(() => checkUserDataSize(fits, "the servers of tokyo")).not.toThrow();
  expect(() => checkUserDataSize(`${fits.slice(2)}ü€`, "the servers of tokyo")).toThrow(
    "user data of the servers of tokyo: must be at most 16384 bytes, got 16387",
  );
});
