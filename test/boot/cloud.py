"""The cloud of the boot tests: moto's Parameter Store, S3 and instance metadata at the addresses that AWS has, and the
API of a K3s cluster that records which machine creates and joins it.

It runs in a network namespace of its own, and takes commands as lines of JSON: {"do": name, ...}. It answers each with
one line of JSON.

    cloud.py <folder for the certificate authority> <address> <region> <bucket>
"""

import contextlib
import datetime
import hashlib
import json
import pathlib
import ssl
import sys
import threading
import time

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto import settings
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ssm.models import ssm_backends
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

FOLDER, ADDRESS, REGION, BUCKET = pathlib.Path(sys.argv[1]), *sys.argv[2:5]
METADATA_ADDRESS = "169.254.169.254"
RELEASES = "releases.example.com"
HOSTS = [f"ssm.{REGION}.amazonaws.com", f"{BUCKET}.s3.{REGION}.amazonaws.com", RELEASES]
ADMIN_PORT = 8080

moto = DomainDispatcherApplication(create_backend_app)
# AWS decides in one step whether a parameter exists. moto does not, so it gets one request at a time.
moto_lock = threading.Lock()


class Cloud:
    def __init__(self):
        # Instances by the address that they send from.
        self.instances = {}
        # Files at https://releases.example.com by path, and how many of the next responses end too early.
        self.files = {}
        self.truncated = 0
        self.requests = []
        self.cluster = {"creations": [], "restores": [], "joins": [], "starts": [], "nodes": {}}


cloud = Cloud()


def metadata(request):
    """The instance metadata service, version 2 only. Instances differ, so some answers are not moto's."""
    instance = cloud.instances[request.remote_addr]
    if request.path == "/latest/api/token" and request.method == "PUT":
        if "X-aws-ec2-metadata-token-ttl-seconds" not in request.headers:
            return Response(status=400)
        return Response(instance["session"])
    if request.headers.get("X-aws-ec2-metadata-token") != instance["session"]:
        return Response(status=401)
    path = request.path[len("/latest/meta-data/") :]
    if path == "iam/security-credentials/":
        return Response(instance["role"])
    if path == f"iam/security-credentials/{instance['role']}":
        return Response(json.dumps(instance["credentials"]))
    if path.startswith("tags/instance/"):
        tag = instance["tags"].get(path[len("tags/instance/") :])
        return Response(tag) if tag else Response(status=404)
    own = {"instance-id": instance["id"], "placement/availability-zone": REGION + "a"}
    return Response(own[path]) if path in own else moto


def release(request):
    content = cloud.files.get(request.path)
    if content is None:
        return Response(status=404)
    if cloud.truncated > 0:
        cloud.truncated -= 1
        # From an iterator, so that the length is not corrected.
        return Response(iter([content[: len(content) // 2]]), headers={"Content-Length": str(len(content))})
    return Response(content)


def cluster(request):
    """What K3s does with machines: one creates the cluster, and others join it, each under a name of its own."""
    body = json.loads(request.get_data())
    state = cloud.cluster
    state["starts"].append(body)
    if body["action"] == "create":
        state["creations"].append(body["machine"])
        state["nodes"][body["node"]] = body["machine"]
        return Response()
    if body.get("data", "").startswith("restored "):
        if body["machine"] not in state["restores"]:
            state["restores"].append(body["machine"])
        state["nodes"][body["node"]] = body["machine"]
        return Response()
    if not state["creations"] and not state["restores"]:
        return Response("no cluster yet", status=503)
    if state["nodes"].setdefault(body["node"], body["machine"]) != body["machine"]:
        return Response("duplicate hostname or node password rejected", status=403)
    if body["action"] == "join":
        state["joins"].append(body["machine"])
    return Response()


class Application:
    def __init__(self, handler):
        self.handler = handler

    def __call__(self, environ, start_response):
        request = Request(environ)
        answer = self.handler(request)
        with moto_lock:
            return (moto if answer is moto else answer)(environ, start_response)


def aws(request):
    target = request.headers.get("X-Amz-Target", f"S3.{request.method}")
    cloud.requests.append({"from": request.remote_addr, "target": target.split(".")[-1], "path": request.path})
    return release(request) if request.host == RELEASES else moto


class QuietHandler(WSGIRequestHandler):
    def log(self, *_):
        pass

    def handle(self):
        # Machines lose power in the middle of requests.
        with contextlib.suppress(OSError):
            super().handle()


def serve(address, port, handler, context=None):
    server = make_server(
        address, port, Application(handler), threaded=True, request_handler=QuietHandler, ssl_context=context
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()


def issue_certificates():
    """Writes the certificate authority of the tests, and returns a TLS context with a certificate for all hosts."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name, key, issuer, signer, is_authority, hosts=()):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), False)
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    (FOLDER / "authority.crt").write_bytes(certificate("test", authority, "test", authority, True))
    (FOLDER / "server.pem").write_bytes(
        certificate("server", key, "test", authority, False, HOSTS)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / "server.pem")
    return context


def client(service, **keys):
    keys = keys or {"aws_access_key_id": "setup", "aws_secret_access_key": "setup"}
    return boto3.client(service, endpoint_url=f"http://{ADDRESS}:{ADMIN_PORT}", region_name=REGION, **keys)


class Commands:
    """The commands, by name."""

    def __init__(self):
        iam = client("iam")
        allow = {
            "server": ["ssm:GetParameter", "ssm:PutParameter", "s3:GetObject"],
            "agent": ["ssm:GetParameter", "s3:GetObject"],
        }
        principal = {"AWS": ["arn:aws:iam::123456789012:user/admin"]}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        for role, actions in allow.items():
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
            self.set_policy(role, actions, iam)
        iam.create_user(UserName="admin")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="admin")["AccessKey"]
        self.keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        # From here on, moto verifies the signature and the permissions of each request.
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0

    def set_policy(self, role, actions, iam=None):
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        iam = iam or client("iam", **self.keys)
        iam.put_role_policy(RoleName=role, PolicyName="boot", PolicyDocument=json.dumps(policy))

    def launch(self, address, role, tags, number):
        """Starts an instance: a machine that sends from an address."""
        assumed = client("sts", **self.keys).assume_role(
            RoleArn=f"arn:aws:iam::123456789012:role/{role}", RoleSessionName=f"machine-{number}"
        )["Credentials"]
        credentials = {
            "AccessKeyId": assumed["AccessKeyId"],
            "SecretAccessKey": assumed["SecretAccessKey"],
            "Token": assumed["SessionToken"],
        }
        digest = hashlib.sha256(f"{address} {number}".encode()).hexdigest()
        instance = {"id": f"i-{digest[:17]}", "session": digest, "role": role, "tags": tags}
        cloud.instances[address] = {**instance, "credentials": credentials}
        return {"id": instance["id"], "secrets": [digest, credentials["SecretAccessKey"], credentials["Token"]]}

    def reset(self):
        ssm_backends["123456789012"][REGION].reset()
        cloud.cluster = Cloud().cluster
        cloud.files, cloud.truncated, cloud.requests, cloud.instances = {}, 0, [], {}

    def put_parameters(self, parameters):
        ssm = client("ssm", **self.keys)
        for name, value in parameters.items():
            ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True, Tier="Advanced")

    def get_parameter(self, name):
        try:
            return client("ssm", **self.keys).get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        except client("ssm").exceptions.ParameterNotFound:
            return None

    def put_object(self, key, content):
        client("s3", **self.keys).put_object(Bucket=BUCKET, Key=key, Body=content.encode())

    def put_release(self, path, content, truncated=0):
        cloud.files[path], cloud.truncated = content.encode(), truncated

    def lose_cluster(self):
        """Forgets the cluster: none of its servers answers."""
        cloud.cluster["creations"], cloud.cluster["joins"], cloud.cluster["nodes"] = [], [], {}

    def delete_node(self, name):
        del cloud.cluster["nodes"][name]

    def state(self):
        return {**cloud.cluster, "requests": cloud.requests}


def main():
    context = issue_certificates()
    serve(ADDRESS, ADMIN_PORT, lambda _: moto)
    serve(ADDRESS, 443, aws, context)
    serve(METADATA_ADDRESS, 80, metadata)
    serve(ADDRESS, 6443, cluster)
    time.sleep(0.1)
    commands = Commands()
    print(json.dumps({"hosts": HOSTS}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = {"ok": getattr(commands, command.pop("do"))(**command)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
