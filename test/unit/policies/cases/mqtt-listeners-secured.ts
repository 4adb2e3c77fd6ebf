import { renderMosquittoConfig } from "../../../../charts/mqtt/mosquitto-config";
import { configMap, type ObjectCases } from "./case";

export const secured = renderMosquittoConfig({
  listenPort: 8883,
  queue: { messages: 1000, memoryMiB: 16, messageKiB: 64 },
  sessions: { full: 4, agents: 0 },
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
/** Global settings, before the listeners. */
const global = "allow_anonymous false\npassword_file users\nacl_file acl\n";
const tls = "certfile tls.crt\nkeyfile tls.key\n";
const anonymous = "allow_anonymous true\nacl_file acl\npassword_file users\n";
const plugins = `
  plugin_load passwords /usr/lib/mosquitto_password_file.so
  plugin_opt_password_file users
  plugin_load access /usr/lib/mosquitto_acl_file.so
  plugin_opt_acl_file acl
  listener 8883
  ${tls}
  listener_allow_anonymous false
`;

export const mqttListenersSecured: ObjectCases = {
  valid: [
    conf(secured),
    conf(secured.replaceAll("\n", "\r\n"), "broker.conf"),
    conf(perListener),
    conf(`${without("require_certificate", "acl_file")}\nplugin /usr/lib/mosquitto_dynamic_security.so\n${socket}`),
    conf("server {\n  listen 80;\n}\n", "nginx.conf"),
    configMap({ "README.md": "listener 1883\nallow_anonymous true\n" }),
    configMap({}),
    // The last setting takes effect, and only its first word.
    conf(
      `allow_anonymous true\n${global}listener  8883  # from outside\n${tls}allow_anonymous   false # overrides the above\n`,
    ),
    // A listener's own setting takes precedence (2.1).
    conf(`${anonymous}listener 8883\n${tls}listener_allow_anonymous false\n`),
    conf(`${plugins}plugin_use passwords\nplugin_use access\n`),
    conf(`global_plugin /usr/lib/mosquitto_dynamic_security.so\nallow_anonymous false\nlistener 8883\n${tls}`),
    // Pre-shared keys provide TLS and user identities.
    conf("allow_anonymous 0\nacl_file acl\npsk_file keys\nlistener 8883\npsk_hint edge\nuse_identity_as_username 1\n"),
    // Only the pod itself can reach these.
    conf("listener 1883 127.0.0.1\nallow_anonymous true\n"),
    conf("listener 1883 ::1\nlistener 1884 localhost # itself\nallow_anonymous true\n"),
    conf("listener 1883\nbind_interface lo\nallow_anonymous true\n"),
    conf("bind_address 127.0.0.1\nallow_anonymous true\n"),
    conf(`${perListener}${socket}allow_anonymous true\n`),
    // A bridge's options do not apply to a listener.
    conf(`${secured}\nconnection cloud\naddress cloud.example:8883\nremote_password secret\n`),
  ],
  invalid: [
    { object: conf("listener 1883\nallow_anonymous true\n"), paths: [path, path, path, path] },
    { object: conf(without("keyfile")), paths: [path] },
    { object: conf(without("allow_anonymous")), paths: [path] },
    { object: conf(without("use_identity_as_username")), paths: [path] },
    { object: conf(without("acl_file")), paths: [path] },
    // The second listener has neither TLS nor client certificates.
    { object: conf(`${secured}\nlistener 1883\n`), paths: [path, path] },
    { object: conf(`port 1883\n${secured}`), paths: [path, path] },
    { object: conf(`${secured}\nallow_anonymous true\n`), paths: [path] },
    // Allows anonymous clients regardless of allow_anonymous (2.1).
    { object: conf(`${global}listener 8883\n${tls}listener_allow_anonymous true\n`), paths: [path] },
    { object: conf(`${perListener}listener_allow_anonymous true\n`), paths: [path] },
    // The setting of one listener does not apply to the other.
    {
      object: conf(
        `${global.replace("false", "true")}listener 8883\n${tls}listener_allow_anonymous false\nlistener 8884\n${tls}`,
      ),
      paths: [path],
    },
    {
      object: conf(`${perListener}\n  listener 8884\n  certfile tls.crt\n  keyfile tls.key\n`),
      paths: [path, path, path],
    },
    // An option before the first listener also opens the default listener.
    { object: conf(`max_connections 100\n${global}listener 8883\n${tls}`), paths: [path] },
    { object: conf(`${tls}${global}listener 8883\n`), paths: [path] },
    { object: conf(`per_listener_settings true\npassword_file users\n${perListener}`), paths: [path, path, path] },
    // Before 2.0 this opened the default listener.
    { object: conf("allow_anonymous true\n"), paths: [path, path, path] },
    // One plugin replaces password_file, the other acl_file.
    { object: conf(`${plugins}plugin_use passwords\n`), paths: [path] },
    { object: conf(`${plugins}plugin_use access\n`), paths: [path] },
    { object: conf(plugins), paths: [path, path] },
    // A hint without keys, and keys whose identities are not used as user names.
    { object: conf(`${global}listener 8883\npsk_hint edge\n`), paths: [path] },
    {
      object: conf("allow_anonymous false\nacl_file acl\npsk_file keys\nlistener 8883\npsk_hint edge\n"),
      paths: [path],
    },
    // An address that only resembles loopback, and an interface that takes precedence over a loopback address.
    { object: conf(`${global}listener 1883 127.example\n`), paths: [path] },
    { object: conf(`${global}listener 1883 127.0.0.1\nbind_interface eth0\n`), paths: [path] },
  ],
};
