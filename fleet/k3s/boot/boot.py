# Prepares a machine for K3s by executing /etc/skerry/machine.json. systemd runs it before every start of K3s, so each
# step can be repeated, and each file is replaced in one step. It runs until the machine is prepared, and writes the
# reason of every failure to the journal and the console, without secrets.
#
# Python 3.6 or later and its standard library: cloud-init needs Python, so each image with cloud-init has it.
import hashlib
import hmac
import json
import os
import random
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

MACHINE = "/etc/skerry/machine.json"
# Contain the id of the machine, so that they do not apply to a machine that was started from an image of this one.
PREPARED = "/var/lib/skerry/prepared"
MEMBER = "/var/lib/skerry/etcd-member"
DROP_INS = "/etc/rancher/k3s/config.yaml.d/"
BIRTH = DROP_INS + "10-birth.yaml"
BINARY = "/usr/local/bin/k3s"
SERVER = "/var/lib/rancher/k3s/server/"
AUTHORITIES = SERVER + "tls/"
DATASTORE = SERVER + "db"
# Contains the id of the restore that the data on this disk is from.
RESTORED = SERVER + "restored"
# Keeps K3s from restoring a second time.
RESET_FLAG = DATASTORE + "/reset-flag"
# With this folder, K3s starts the etcd member that it has, whatever its configuration says about creating or joining.
ETCD_DATA = SERVER + "db/etcd/member/wal"
METADATA = "http://169.254.169.254/latest/"

# By the machine of uname: the name of the architecture, and of the binary in a release of K3s.
ARCHITECTURES = {
    "x86_64": ("amd64", "k3s"),
    "aarch64": ("arm64", "k3s-arm64"),
    "armv7l": ("arm", "k3s-armhf"),
}

# All in seconds. The clock may stay unsynchronized, because a site may have no time server.
TIMEOUT = 20
CLOCK_WAIT = 120
# Longest pause after a failure that may end by itself, and the pause after one that needs a person.
RETRY_PAUSE = 60
REFUSED_PAUSE = 600
# Attempts to read the parameters on a machine that has started K3s before.
REFRESH_ATTEMPTS = 5


# A failure that no further attempt can repair.
class Refused(Exception):
    pass


class AwsError(Exception):
    def __init__(self, request, code):
        super().__init__(f"{request}: {code}")
        self.code = code


def say(text):
    print(f"skerry: {text}", file=sys.stderr, flush=True)
    try:
        console = os.open("/dev/console", os.O_WRONLY | os.O_APPEND | os.O_NOCTTY)
        os.write(console, f"skerry: {text}\r\n".encode())
        os.close(console)
    except OSError:
        pass


def read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return None


# Makes created, replaced and removed files of a folder survive a power cut.
def sync_folder(path):
    folder = os.open(path, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


# Replaces a file in one step that survives a power cut. The content of the other file must already be on the disk.
def replace(part, path):
    os.replace(part, path)
    sync_folder(os.path.dirname(path))


def remove(path):
    if os.path.exists(path):
        os.unlink(path)
        sync_folder(os.path.dirname(path))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if read(path) != text:
        with open(path + ".part", "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        replace(path + ".part", path)


def digest_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


# The metadata of the machine, and AWS' APIs with the credentials of its role.
class Cloud:
    def __init__(self, region):
        self.region = region
        self.domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        # The metadata service is never behind a proxy.
        self.direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.session = self.get_metadata("api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "300"}, "PUT")
        self.id = self.get_metadata("meta-data/instance-id")
        role = self.get_metadata("meta-data/iam/security-credentials/").split()[0]
        self.keys = json.loads(self.get_metadata(f"meta-data/iam/security-credentials/{role}"))

    def get_metadata(self, path, headers=None, method="GET"):
        headers = headers or {"X-aws-ec2-metadata-token": self.session}
        request = urllib.request.Request(METADATA + path, headers=headers, method=method)
        try:
            with self.direct.open(request, timeout=TIMEOUT) as response:
                return response.read().decode()
        except OSError as error:
            raise OSError(f"instance metadata {path}: {error}") from None

    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    def sign(self, service, method, url, headers, body=b""):
        parts = urllib.parse.urlsplit(url)
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        payload = hashlib.sha256(body).hexdigest()
        headers = {
            **headers,
            "host": parts.netloc,
            "x-amz-content-sha256": payload,
            "x-amz-date": now,
            "x-amz-security-token": self.keys["Token"],
        }
        signed = ";".join(sorted(headers))
        lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
        canonical = "\n".join([method, parts.path, parts.query, *lines, "", signed, payload])
        scope = [now[:8], self.region, service, "aws4_request"]
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = ("AWS4" + self.keys["SecretAccessKey"]).encode()
        for part in [*scope, "\n".join(["AWS4-HMAC-SHA256", now, "/".join(scope), digest])]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        credential = "/".join([self.keys["AccessKeyId"], *scope])
        authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={key.hex()}"
        headers["Authorization"] = authorization
        return urllib.request.Request(url, data=body or None, headers=headers, method=method)

    # Calls an action of Parameter Store.
    def call(self, action, name, **arguments):
        body = json.dumps({"Name": name, **arguments}).encode()
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"AmazonSSM.{action}"}
        request = self.sign("ssm", "POST", f"https://ssm.{self.region}.{self.domain}/", headers, body)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                return json.loads(response.read().decode())
        except urllib.error.HTTPError as error:
            # The message of AWS may contain the headers of the request, so only the type of the error is repeated.
            try:
                code = json.loads(error.read().decode())["__type"].split("#")[-1]
            except (ValueError, KeyError):
                code = f"HTTP {error.code}"
            raise AwsError(f"{action} {name}", code) from None
        except OSError as error:
            raise OSError(f"{action} {name}: {error}") from None

    def get_parameter(self, name):
        return self.call("GetParameter", name, WithDecryption=True)["Parameter"]["Value"]

    # Opens an https URL, or an s3 URL of a bucket in the region of the machine.
    def open(self, url):
        request = url
        if url.startswith("s3://"):
            bucket, key = url[len("s3://") :].split("/", 1)
            host = f"{bucket}.s3.{self.region}.{self.domain}"
            request = self.sign("s3", "GET", f"https://{host}/{urllib.parse.quote(key)}", {})
        return urllib.request.urlopen(request, timeout=TIMEOUT)


def wait_for_clock():
    end = time.monotonic() + CLOCK_WAIT
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    while time.monotonic() < end:
        try:
            if subprocess.check_output(command, universal_newlines=True).strip() == "yes":
                return
        except (OSError, subprocess.CalledProcessError) as error:
            say(f"cannot read whether the clock is synchronized: {error}")
            return
        time.sleep(1)
    say(f"the clock is not synchronized after {CLOCK_WAIT} s: certificates may seem expired or not yet valid")


# Installs K3s at the first start. Later, an upgrade in the cluster may have replaced the binary.
def install(release, cloud):
    found = os.uname().machine
    if found not in ARCHITECTURES:
        raise Refused(f"unknown architecture {found}, must be one of: {', '.join(sorted(ARCHITECTURES))}")
    architecture, name = ARCHITECTURES[found]
    expected = release["sha256"].get(architecture)
    if not expected:
        raise Refused(f"{MACHINE} has no SHA-256 of K3s for {architecture}")
    if os.path.exists(BINARY) and (read(PREPARED) == cloud.id or digest_of(BINARY) == expected):
        return
    url = f"{release['source']}/{name}"
    part = BINARY + ".part"
    say(f"downloading {url}")
    try:
        with cloud.open(url) as response, open(part, "wb") as file:
            for block in iter(lambda: response.read(1 << 20), b""):
                file.write(block)
            if file.tell() != int(response.headers.get("Content-Length", file.tell())):
                raise OSError(f"the connection ended after {file.tell()} bytes")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(f"{url}: {error}") from None
    actual = digest_of(part)
    if actual != expected:
        os.unlink(part)
        raise Refused(f"{url}: got SHA-256 {actual}, must be {expected}: K3s is not installed")
    os.chmod(part, 0o755)
    replace(part, BINARY)
    say(f"installed K3s {release['version']}")


# Gives the node a name that no other machine ever has, its zone, and the id by which the cloud's controllers find or
# ignore it.
def write_node(node, cloud):
    if "tag" in node:
        name = cloud.get_metadata(f"meta-data/tags/instance/{node['tag']}")
    else:
        name = f"{node['prefix']}-{cloud.id[len('i-') :]}"
    zone = cloud.get_metadata("meta-data/placement/availability-zone")
    identity = cloud.id if node["providerId"] == "instance" else f"node-{name}"
    config = {"node-name": name, "kubelet-arg+": [f"provider-id=aws:///{zone}/{identity}"]}
    if "zoneTag" in node:
        zone = cloud.get_metadata(f"meta-data/tags/instance/{node['zoneTag']}")
        config["node-label+"] = [f"topology.kubernetes.io/zone={zone}"]
    write(DROP_INS + "20-node.yaml", json.dumps(config) + "\n")


def has_etcd_data():
    return os.path.isdir(ETCD_DATA)


# Returns whether a parameter belongs to this machine: to the first that writes it.
def claims(parameter, cloud):
    try:
        cloud.call("PutParameter", parameter, Value=cloud.id, Type="String", Overwrite=False)
        return True
    except AwsError as error:
        if error.code != "ParameterAlreadyExists":
            raise
    return cloud.get_parameter(parameter) == cloud.id


# Returns the restore that the servers of the cluster are to carry out, or None.
def find_restore(parameter, cloud):
    try:
        order = json.loads(cloud.get_parameter(parameter))
        return {"id": order["id"], "snapshot": order["snapshot"]}
    except AwsError as error:
        if error.code != "ParameterNotFound":
            raise
        return None
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{parameter} must be a JSON object with id and snapshot") from None


# Replaces the data of this server by a snapshot, as the only member of etcd. K3s moves away the data that it finds.
def restore(order):
    # Until the restore has ended, K3s must not start with what is on the disk.
    remove(PREPARED)
    remove(RESET_FLAG)
    write(BIRTH, "cluster-init: true\n")
    say(f"restoring snapshot {order['snapshot']}")
    arguments = ["--cluster-reset", f"--cluster-reset-restore-path={order['snapshot']}"]
    status = subprocess.call([BINARY, "server", *arguments])
    if status != 0:
        raise OSError(f"k3s server --cluster-reset of snapshot {order['snapshot']} ended with exit code {status}")
    write(RESTORED, order["id"])


# Brings a server to its cluster, and returns how. docs/decisions/0021-restore.md specifies the steps.
def take_server_steps(machine, prefix, cloud, write_authorities):
    joining = f"server: https://{machine['host']}:{machine['port']}\n"
    order = find_restore(f"{prefix}/{machine['restore']}", cloud)
    if order and read(RESTORED) != order["id"]:
        if claims(f"{prefix}/restores/{order['id']}", cloud):
            restore(order)
            return "restores"
        shutil.rmtree(DATASTORE, ignore_errors=True)
        if os.path.exists(DATASTORE):
            raise OSError(f"cannot remove {DATASTORE}, which is from before the restore")
        write(BIRTH, joining)
        write(RESTORED, order["id"])
        return "joins"
    if has_etcd_data():
        write(MEMBER, cloud.id)
        if not os.path.exists(BIRTH):
            write(BIRTH, joining)
        return "returns to"
    # A former member never creates the cluster again, even if its data is gone.
    if not order and read(MEMBER) != cloud.id and claims(f"{prefix}/{machine['birth']}", cloud):
        # Only here: a server that joins gets the authorities from the cluster, where they may have been rotated.
        write_authorities()
        write(BIRTH, "cluster-init: true\n")
        return "creates"
    write(BIRTH, joining)
    return "joins"


def prepare(machine):
    cloud = Cloud(machine["parameters"]["region"])
    prefix = machine["parameters"]["prefix"]

    def write_files(paths):
        for file in machine["files"]:
            if paths(file["path"]):
                write(file["path"], cloud.get_parameter(f"{prefix}/{file['parameter']}"))

    if "k3s" in machine:
        install(machine["k3s"], cloud)
    elif not os.path.exists(BINARY):
        raise Refused(f"{BINARY} does not exist, and {MACHINE} has no release to install")
    write_files(lambda path: not path.startswith(AUTHORITIES))
    if "node" in machine:
        write_node(machine["node"], cloud)
    outcome = "joins"
    if machine["role"] == "server":
        # For the audit log. With the umask of this program, only root can read it.
        os.makedirs(SERVER + "logs", exist_ok=True)
        # Last, so that a machine that cannot run K3s does not keep others from creating or restoring the cluster.
        outcome = take_server_steps(
            machine, prefix, cloud, lambda: write_files(lambda path: path.startswith(AUTHORITIES))
        )
    write(PREPARED, cloud.id)
    say(f"prepared: {machine['role']} {cloud.id} {outcome} cluster {machine['cluster']}")


def read_machine():
    try:
        with open(MACHINE) as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise Refused(f"{MACHINE}: {error}") from None


# Whether K3s can start with the files that an earlier start wrote.
def can_start_without_store():
    return os.path.exists(PREPARED) and (read_machine()["role"] == "agent" or has_etcd_data())


def main():
    os.umask(0o077)
    if sys.argv[1:] == ["started"]:
        if has_etcd_data():
            write(MEMBER, read(PREPARED))
        return
    wait_for_clock()
    failures = 0
    while True:
        failures += 1
        try:
            prepare(read_machine())
            return
        except Refused as error:
            reason, pause = error, REFUSED_PAUSE
        except Exception as error:
            reason, pause = error, min(RETRY_PAUSE, 2**failures) * random.uniform(0.5, 1)
            if failures >= REFRESH_ATTEMPTS and can_start_without_store():
                say(f"not refreshed: {reason}: K3s starts with the files of its last start")
                return
        say(f"not prepared: {reason}: next attempt in {pause:.0f} s")
        time.sleep(pause)


main()
