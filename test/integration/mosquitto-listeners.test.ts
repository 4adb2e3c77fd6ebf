import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { mosquittoTexts } from "../../policies/mosquitto/config";
import { networkListeners } from "../../policies/mosquitto/listeners";
import { configMap } from "../unit/policies/cases/case";
import { findMosquitto } from "./support/installed-mosquitto";

const { programs, suite, reason } = findMosquitto("test/integration/mosquitto-listeners.test.ts");
const [mosquitto = ""] = programs;

/** Options that may come before any listener, with a value: general ones and those of the default listener. */
const OPTIONS = [
  ...["acl_file /dev/null", "allow_anonymous false", "allow_zero_length_clientid false", "auto_id_prefix edge-"],
  ...["autosave_interval 60", "bind_address 127.0.0.1", "bind_address 0.0.0.0", "bind_interface lo", "cafile none"],
  ...["capath none", "certfile none", "check_retain_source true", "ciphers none", "ciphers_tls1.3 none"],
  ...["connection_messages true", "crlfile none", "dhparamfile none", "http_dir none", "keyfile none", "log_type all"],
  ...["max_connections 10", "max_inflight_messages 1", "max_keepalive 60", "max_packet_size 1000", "max_qos 1"],
  ...["max_queued_messages 10", "max_topic_alias 1", "maximum_qos 1", "memory_limit 100000000", "mount_point edge/"],
  ...["password_file /dev/null", "persistence false", "port 1884", "protocol websockets", "protocol mqtt"],
  ...["psk_file /dev/null", "psk_hint edge", "queue_qos0_messages false", "require_certificate true"],
  ...["retain_available true", "set_tcp_nodelay true", "socket_domain ipv4", "sys_interval 10", "tls_engine none"],
  ...["tls_keyform pem", "tls_version tlsv1.2", "upgrade_outgoing_qos false", "use_identity_as_username true"],
  ...["use_subject_as_username true", "use_username_as_clientid true", "websockets_headers_size 1024"],
];
/** What may stand around such an option. */
const FILES: Readonly<Record<string, (option: string) => string>> = {
  "before a listener": (option) => `${option}\nlistener 18831\n`,
  "without a listener": (option) => `persistence_location /tmp/\n${option}\n`,
  "before the settings of each listener": (option) => `per_listener_settings true\n${option}\nlistener 18831\n`,
};
const AT_ONCE = 4;
const STATED = 18_831;

/** Ports that a broker opens to the network, by its own log; none when it does not take the file. */
function openPorts(folder: string, text: string, name: string): Promise<number[]> {
  const file = join(folder, `${name}.conf`);
  writeFileSync(file, text);
  return new Promise((resolve, reject) => {
    const broker = spawn(mosquitto, ["-c", file, "-v"], { stdio: ["ignore", "ignore", "pipe"] });
    let log = "";
    const timer = setTimeout(() => broker.kill(), 5_000);
    broker.stderr.on("data", (data: Buffer) => {
      log += data.toString();
      if (/ running\n|Error/.test(log)) broker.kill();
    });
    broker.on("error", reject);
    broker.on("close", () => {
      clearTimeout(timer);
      const local = log.includes("local only mode");
      const opened = [...log.matchAll(/Opening \w+ listen socket on port (\d+)/g)].map(([, port]) => Number(port));
      resolve(local ? [] : opened.filter((port) => port !== STATED));
    });
  });
}

const listed = (text: string): boolean =>
  networkListeners(mosquittoTexts(configMap({ "mosquitto.conf": text }))[0]!.text, false).some(
    ({ name }) => name === "the default listener",
  );

suite(`Mosquitto's default listener${reason}`, () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "skerry-mosquitto-listeners-"))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(FILES))(
    "is known wherever an option %s opens it",
    async (_where, file) => {
      const missed: string[] = [];
      let opened = 0;
      const look = async (option: string, index: number): Promise<void> => {
        // A loopback address opens it to the pod alone.
        if (/127\.0\.0\.1| lo$/.test(option)) return;
        const text = file(option);
        const ports = await openPorts(folder, text, `${index}`);
        if (ports.length > 0) opened += 1;
        if (ports.length > 0 && !listed(text)) missed.push(option);
      };
      for (let from = 0; from < OPTIONS.length; from += AT_ONCE)
        await Promise.all(OPTIONS.slice(from, from + AT_ONCE).map((option, at) => look(option, from + at)));
      expect(missed).toEqual([]);
      expect(opened).toBeGreaterThan(5);
    },
    120_000,
  );
});
