import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findMosquittoTexts } from "../../policies/mosquitto/config";
import { findNetworkListeners } from "../../policies/mosquitto/listeners";
import { configMap } from "../unit/policies/cases/case";
import { findMosquitto } from "./support/installed-mosquitto";

const { programs, suite, reason } = findMosquitto("test/integration/mosquitto-listeners.test.ts");
const [mosquitto = ""] = programs;

/** Options that may precede all listeners, with a value: general options and those of the default listener. */
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
/** Options that open the default listener in every 2.0 release. */
const OPENING = ["bind_address 0.0.0.0", "cafile none", "max_connections 10", "port 1884", "psk_hint edge"];
/** Files with such an option. Each file has a listener with a port of its own. */
const FILES: Readonly<Record<string, (option: string, port: number) => string>> = {
  "before a listener": (option, port) => `${option}\nlistener ${port}\n`,
  "without a listener": (option) => `persistence_location /tmp/\n${option}\n`,
  "before the settings of each listener": (option, port) => `per_listener_settings true\n${option}\nlistener ${port}\n`,
};
const AT_ONCE = 4;
/** Every broker gets a separate port, because a broker exits at the first port that is in use. */
const FIRST_PORT = 18_831;

/** Returns the ports that a broker opens to the network besides its listener's, read from its log. Empty if it rejects the file. */
function findOpenPorts(folder: string, text: string, listener: number): Promise<number[]> {
  const file = join(folder, `${listener}.conf`);
  writeFileSync(file, text);
  return new Promise((resolve, reject) => {
    const broker = spawn(mosquitto, ["-c", file, "-v"], { stdio: ["ignore", "ignore", "pipe"] });
    let log = "";
    // A broker that has just started ignores SIGTERM.
    const end = (): boolean => broker.kill("SIGKILL");
    const timer = setTimeout(end, 5_000);
    broker.stderr.on("data", (data: Buffer) => {
      log += data.toString();
      if (/ running\n|Error/.test(log)) end();
    });
    broker.on("error", reject);
    broker.on("close", () => {
      clearTimeout(timer);
      const local = log.includes("local only mode");
      const opened = [...log.matchAll(/Opening \w+ listen socket on port (\d+)/g)].map(([, port]) => Number(port));
      resolve(local ? [] : opened.filter((port) => port !== listener));
    });
  });
}

const findsDefaultListener = (text: string): boolean =>
  findNetworkListeners(findMosquittoTexts(configMap({ "mosquitto.conf": text }))[0]!.text, false).some(
    ({ name }) => name === "the default listener",
  );

suite(`Mosquitto's default listener${reason}`, () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "skerry-mosquitto-listeners-"))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(FILES))(
    "is found if an option %s opens it",
    async (_position, file) => {
      const missed: string[] = [];
      const opened: string[] = [];
      const check = async (option: string, index: number): Promise<void> => {
        // On a loopback address, only the pod itself can reach the listener.
        if (/127\.0\.0\.1| lo$/.test(option)) return;
        const text = file(option, FIRST_PORT + index);
        if ((await findOpenPorts(folder, text, FIRST_PORT + index)).length === 0) return;
        opened.push(option);
        if (!findsDefaultListener(text)) missed.push(option);
      };
      for (let from = 0; from < OPTIONS.length; from += AT_ONCE)
        await Promise.all(OPTIONS.slice(from, from + AT_ONCE).map((option, at) => check(option, from + at)));
      expect(missed).toEqual([]);
      expect(opened).toEqual(expect.arrayContaining(OPENING));
    },
    120_000,
  );
});
