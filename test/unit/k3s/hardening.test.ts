import { hardenConfig, hardeningFiles } from "../../../fleet/k3s/hardening/apply";

test("omits the hardening settings for which the cluster has an exception", () => {
  const reason = "a test";
  const exceptions = (["audit", "pod-security", "event-rate-limit", "kernel-defaults"] as const).map((setting) => ({
    setting,
    reason,
  }));
  const hardening = { exceptions };
  const hardened = hardenConfig("server", {}, { "kube-apiserver-arg": ["v=2"] });
  expect(hardened["kube-apiserver-arg"]).toContain("v=2");
  expect(hardened["protect-kernel-defaults"]).toBe(true);
  expect(hardenConfig("server", { hardening }, { "kube-apiserver-arg": ["v=2"] })).toEqual({
    ...hardened,
    "kube-apiserver-arg": ["v=2", "service-account-extend-token-expiration=false"],
    "protect-kernel-defaults": undefined,
  });
  expect(hardeningFiles("server", { hardening })).toEqual([]);
  expect(hardenConfig("agent", {}, {})["kube-apiserver-arg"]).toBeUndefined();
});
