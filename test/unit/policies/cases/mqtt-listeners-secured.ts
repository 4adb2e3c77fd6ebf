import { renderMosquittoConfig } from "../../../../charts/mqtt/mosquitto-config";
import { configMap, type ObjectCases } from "./case";

export const secured = renderMosquittoConfig({
  listenPort: 8883,
  queue: { messages: 1000, memoryMiB: 16, messageKiB: 64 },
  sessions: 4,
});
const conf = (text: string, key = "mosquitto.conf") => configMap({ [key]: text });
const without = (...lines: readonly string[]): string =>
  secured
    .split("\n")
    .filter((line) => !lines.some((each) => line.startsWith(each)))
    .join("\n");
const path = 'data["mosquitto.conf"]';

const perListener = `
  per_listener_settings true
  listener 8883
    certfile tls.crt
    keyfile tls.key
    allow_anonymous false
    password_file users
    acl_file acl
`;
const socket = "listener 0 /run/mosquitto.sock\n";

export const mqttListenersSecured: ObjectCases = {
  kept: [
    conf(secured),
    conf(secured.replaceAll("\n", "\r\n"), "broker.conf"),
    conf(perListener),
    conf(`${without("require_certificate", "acl_file")}\nplugin /usr/lib/mosquitto_dynamic_security.so\n${socket}`),
    conf("server {\n  listen 80;\n}\n", "nginx.conf"),
    configMap({ "README.md": "listener 1883\nallow_anonymous true\n" }),
    configMap({}),
  ],
  broken: [
    { object: conf("listener 1883\nallow_anonymous true\n"), paths: [path, path, path, path] },
    { object: conf(without("keyfile")), paths: [path] },
    { object: conf(without("allow_anonymous")), paths: [path] },
    { object: conf(without("use_identity_as_username")), paths: [path] },
    { object: conf(without("acl_file")), paths: [path] },
    { object: conf(`${secured}\nlistener 1883\n`), paths: [path] },
    { object: conf(`port 1883\n${secured}`), paths: [path] },
    { object: conf(`${secured}\nallow_anonymous true\n`), paths: [path] },
    // The second listener is open to everybody.
    {
      object: conf(`${perListener}\n  listener 8884\n  certfile tls.crt\n  keyfile tls.key\n`),
      paths: [path, path, path],
    },
    { object: conf(`${perListener}\n  ${socket}`), paths: [path, path, path] },
  ],
};
