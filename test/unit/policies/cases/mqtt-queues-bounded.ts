import { configMap, type ObjectCases } from "./case";
import { secured } from "./mqtt-listeners-secured";

const conf = (text: string) => configMap({ "mosquitto.conf": text });
const replaced = (option: string, line: string): string => secured.replace(new RegExp(`^${option} .*$`, "m"), line);
const path = 'data["mosquitto.conf"]';

export const mqttQueuesBounded: ObjectCases = {
  valid: [
    conf(secured),
    conf(replaced("message_size_limit", "")),
    // Either option limits the size of a message. The last setting of an option takes effect.
    conf(replaced("message_size_limit", "message_size_limit 0")),
    conf(`memory_limit 0\n${secured}`),
    configMap({ "app.conf": "max_connections 0\n" }),
  ],
  invalid: [
    { object: conf("listener 8883\n"), paths: [path, path, path, path] },
    { object: conf(replaced("max_queued_messages", "max_queued_messages 0")), paths: [path] },
    { object: conf(replaced("max_queued_bytes", "# max_queued_bytes 1000")), paths: [path] },
    { object: conf(`${replaced("message_size_limit", "message_size_limit 0")}\nmax_packet_size 0\n`), paths: [path] },
    { object: conf(`${secured}\nmemory_limit 0\n`), paths: [path] },
  ],
};
